#include "ops/serve.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>

#include "ops/instance.h"
#include "ops/log/log.h"
#include "ops/version.h"

namespace billing::ops {
namespace {

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

std::string base_url(const Config& config, std::uint16_t port) {
  const bool six = config.address.find(':') != std::string::npos;
  return fmt::format("http://{}{}{}:{}", six ? "[" : "", config.address, six ? "]" : "", port);
}

}  // namespace

int serve(const Config& config) {
  log::set_level(config.log_level);
  // Every thread that is started from here on leaves these signals to the main thread.
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  log::info(fmt::format("billing {} starts, data in {}", kVersion, config.data));
  auto instance = Instance::start(config);
  if (!instance) {
    log::error(fmt::format("{}: {}", code_title(instance.error().code), instance.error().detail));
    return 1;
  }
  const std::string url = base_url(config, (*instance)->port());
  log::info("ready on " + url + ", API documentation on " + url + "/docs");
  if (const auto kafka = (*instance)->embedded_kafka(); !kafka.empty()) {
    log::info("embedded Kafka (development only) on " + kafka);
  }
  // The link is a secret for whoever started the service: to the terminal, never into a log.
  if (const auto path = (*instance)->first_login()) {
    fmt::print("Open this link once, within 24 hours, to get the admin key:\n  {}{}\n", url, *path);
    std::fflush(stdout);
  }
  int signal = 0;
  sigwait(&signals, &signal);
  log::info("stopping: requests in flight are answered first");
  instance->reset();
  log::info("stopped");
  return 0;
}

}  // namespace billing::ops

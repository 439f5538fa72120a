#include "ops/serve.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "ops/instance.h"
#include "ops/log/log.h"
#include "ops/notify.h"
#include "ops/version.h"

namespace billing::ops {
namespace {

sigset_t awaited_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  return signals;
}

std::string base_url(const Config& config, std::uint16_t port) {
  const bool six = config.address.find(':') != std::string::npos;
  return fmt::format("http://{}{}{}:{}", six ? "[" : "", config.address, six ? "]" : "", port);
}

// Waits for a signal to stop, at most so long. True: it came.
bool stop_signal_within(std::chrono::milliseconds limit) {
  sigset_t signals = awaited_signals();
  sigdelset(&signals, SIGHUP);
  const auto until = std::chrono::steady_clock::now() + limit;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::nanoseconds>(until - std::chrono::steady_clock::now()).count();
    const timespec time{std::max<std::int64_t>(left, 0) / 1'000'000'000, std::max<std::int64_t>(left, 0) % 1'000'000'000};
    if (sigtimedwait(&signals, nullptr, &time) > 0) return true;
    if (errno != EINTR) return false;
  }
}

class Run {
 public:
  Run(const Config& config, const Settings& settings, const ReadSettings& read)
      : drain_(config.drain), stop_max_(config.stop_max), reload_(settings, read) {}

  // From "ready" to "stopped".
  void serve(Instance& instance) {
    wait_for_the_end(instance);
    instance.drain();
    log::info("draining", "the service is asked to stop; requests are still served", {{"seconds", drain_.count()}});
    notify::send(notify::stopping(drain_ + stop_max_));
    const bool at_once = stop_signal_within(drain_);
    log::info("stopping", "requests in flight are answered first", {{"seconds_max", at_once ? 0 : stop_max_.count()}});
    const std::jthread listener([&](const std::stop_token& ended) { hurry_when_asked(instance, ended); });
    instance.stop(at_once ? std::chrono::seconds(0) : stop_max_);
  }

 private:
  void read_again(Instance& instance) {
    const auto config = reload_.read();
    if (!config) {
      return log::error("settings_refused", "the settings are not valid and nothing has changed; try them with `billing config check`",
                        {{"why", config.error().detail}});
    }
    log::set_level(config->log.level);
    instance.set(config->log);
    drain_ = config->drain;
    stop_max_ = config->stop_max;
    log::info("settings_read", "the settings were read again");
  }

  void wait_for_the_end(Instance& instance) {
    const sigset_t signals = awaited_signals();
    while (true) {
      int signal = 0;
      sigwait(&signals, &signal);
      if (signal != SIGHUP) return;
      const auto now = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch());
      notify::send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.count()));
      read_again(instance);
      notify::send("READY=1");
    }
  }

  // A second signal: no request is waited for; what then still hangs (brokers that are away) is left as a crash would.
  static void hurry_when_asked(Instance& instance, const std::stop_token& ended) {
    while (!stop_signal_within(std::chrono::milliseconds(100))) {
      if (ended.stop_requested()) return;
    }
    log::warning("stopping_at_once", "asked again to stop: no request is waited for");
    instance.hurry();
    for (int i = 0; i < 50 && !ended.stop_requested(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    if (!ended.stop_requested()) std::_Exit(1);
  }

  std::chrono::seconds drain_;
  std::chrono::seconds stop_max_;
  Reload reload_;
};

// A signal to stop before requests are served ends the service as a crash would, which leaves nothing half done.
void end_when_asked(const std::stop_token& opened) {
  while (!stop_signal_within(std::chrono::milliseconds(20))) {
    if (opened.stop_requested()) return;
  }
  notify::send("STOPPING=1\nSTATUS=Stopping");
  log::info("stopped", "asked to stop while it started");
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // the line is written by another thread
  std::_Exit(0);
}

int run(const Config& config, const Settings& settings, const ReadSettings& read) {
  log::info("starting", {}, {{"version", kVersion}, {"revision", kRevision}, {"data", config.data}});
  log_sources(settings);
  std::jthread listener([](const std::stop_token& opened) { end_when_asked(opened); });
  auto instance = Instance::start(config, [&] {
    listener.request_stop();
    listener.join();
  });
  if (!instance) {
    log::error("start_failed", instance.error().detail, {{"code", code_text(instance.error().code)}});
    return 1;
  }
  const std::string url = base_url(config, (*instance)->port());
  log::info("ready", "requests are served", {{"url", url}, {"documentation", url + "/docs"}});
  notify::send(fmt::format("READY=1\nSTATUS=Serving on {}", url));
  if (const auto kafka = (*instance)->embedded_kafka(); !kafka.empty()) {
    log::info("kafka_embedded", "embedded Kafka, for development only", {{"brokers", kafka}});
  }
  // The link is a secret for whoever started the service: to standard output, which is no log of ours. A manager that keeps
  // standard output must not: the unit of ops/systemd discards it, and has the key written to a file.
  if (const auto path = (*instance)->first_login()) {
    fmt::print("Open this link once, within 24 hours, to get the admin key:\n  {}{}\n", url, *path);
    std::fflush(stdout);
  }
  Run(config, settings, read).serve(**instance);
  instance->reset();
  log::info("stopped", {});
  return 0;
}

}  // namespace

int serve(const Config& config, const Settings& settings, const ReadSettings& read) {
  // Every thread that is started from here on, the log's too, leaves these signals to the main thread.
  const sigset_t signals = awaited_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  log::open(config.log.format, config.log.level);
  const int status = run(config, settings, read);
  log::close();
  return status;
}

}  // namespace billing::ops

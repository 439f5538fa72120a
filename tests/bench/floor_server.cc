// The floor of the HTTP benchmarks: a bare Beast server that answers every request with one fixed body and does
// nothing else. What the real server reaches is read against it, on the same machine with the same client.
//
//   floor_server --port N [--threads N] [--body FILE]     FILE: the bytes that every answer has as its body
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

std::string body =
    R"({"id":"inv_01HZX5M9Q2W4E6R8T0Y2U4I6O8","account_id":"acc_01HZX5M9Q2W4E6R8T0Y2U4","amount":"129.00",)"
    R"("currency":"EUR","status":"issued","position":123456789})";

class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(tcp::socket socket) : stream_(std::move(socket)) {}

  void start() {
    asio::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->read(); });
  }

 private:
  void read() {
    request_ = {};
    http::async_read(stream_, buffer_, request_,
                     [self = shared_from_this()](beast::error_code failure, std::size_t) {
                       if (!failure) self->write();
                     });
  }

  void write() {
    response_ = {};
    response_.version(request_.version());
    response_.result(http::status::created);
    response_.set(http::field::content_type, "application/json");
    response_.keep_alive(request_.keep_alive());
    response_.body() = body;
    response_.prepare_payload();
    http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code failure, std::size_t) {
      if (!failure && self->response_.keep_alive()) self->read();
    });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

void accept(asio::io_context& context, tcp::acceptor& acceptor) {
  acceptor.async_accept(asio::make_strand(context), [&](beast::error_code failure, tcp::socket socket) {
    if (!failure) {
      beast::error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      auto session = std::make_shared<Session>(std::move(socket));
      session->start();
    }
    accept(context, acceptor);
  });
}

int number_after(std::string_view name, int otherwise, const std::vector<std::string_view>& arguments) {
  for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
    if (arguments[i] == name) return std::atoi(arguments[i + 1].data());
  }
  return otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  const int port = number_after("--port", 0, arguments);
  const int threads = number_after("--threads", 2, arguments);
  if (port < 0 || port > 65535 || threads < 1 || threads > 256) {
    std::cerr << "usage: floor_server --port N [--threads N]\n";
    return 2;
  }
  for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
    if (arguments[i] != "--body") continue;
    std::ifstream file(arguments[i + 1].data(), std::ios::binary);
    body.assign(std::istreambuf_iterator<char>(file), {});
  }
  asio::io_context context{threads};
  tcp::acceptor acceptor(context, {asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)});
  std::cout << acceptor.local_endpoint().port() << std::endl;
  accept(context, acceptor);
  std::vector<std::thread> pool;
  for (int i = 1; i < threads; ++i) pool.emplace_back([&context] { context.run(); });
  context.run();
  for (auto& thread : pool) thread.join();
}

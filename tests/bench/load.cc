// The load of the HTTP benchmarks: one thread, one epoll, requests built once and patched in place, so that it takes
// as little as possible of the machine that it shares with the server. Prints one line of JSON.
//
//   load MODE --port N --key KEY [--accounts FILE] [--connections N] [--seconds N] [--lines N] [--rate N] [--path P]
//        [--ids uuid7|other]
//
//   single   one payment a request, each connection waits for its answer
//   batch    --lines payments a request through /v1/batches, answers are read while lines are sent
//   get      GET of --path, where {} is an account id
//
// --rate N: at most N payments (or GETs) a second over all connections; latency then counts from the time at which a
// request was due. Accounts are taken in turn from --accounts, one id a line. --ids: the form of command ids; those
// that begin with their time (uuid7, the default) lie side by side in the index of commands, others are strewn over it.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kIdBytes = 30;      // of an account: its prefix and 26 characters
constexpr std::size_t kCommandBytes = 36;  // of a command id that this program makes

struct Options {
  std::string mode, key, accounts, ids = "uuid7", path = "/v1/accounts/{}/summary";
  int port = 0;
  int connections = 64;
  double seconds = 5;
  std::size_t lines = 1'000;
  double rate = 0;
};

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "load: %s\n", what.c_str());
  std::exit(1);
}

Options options_of(int argc, char** argv) {
  Options options;
  if (argc < 2) give_up("usage: load single|batch|get --port N --key KEY [--accounts FILE] ...");
  options.mode = argv[1];
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* value = argv[i + 1];
    if (name == "--port") options.port = std::atoi(value);
    else if (name == "--key") options.key = value;
    else if (name == "--accounts") options.accounts = value;
    else if (name == "--connections") options.connections = std::atoi(value);
    else if (name == "--seconds") options.seconds = std::atof(value);
    else if (name == "--lines") options.lines = static_cast<std::size_t>(std::atoll(value));
    else if (name == "--rate") options.rate = std::atof(value);
    else if (name == "--path") options.path = value;
    else if (name == "--ids") options.ids = value;
    else give_up("no such option: " + std::string(name));
  }
  if (options.mode != "batch") options.lines = 1;
  if (options.connections < 1 || options.connections > 4'096 || options.lines < 1) give_up("a number is out of range");
  return options;
}

// Gives the next account and the next command id; ids differ between runs and processes.
class Source {
 public:
  Source(const std::string& file, bool uuid7) : version_(uuid7 ? '7' : '4') {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      if (line.size() == kIdBytes) accounts_.push_back(line);
    }
    if (accounts_.empty()) give_up("no account ids in " + file);
    const auto now = static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
    run_ = (now * 0x9E3779B97F4A7C15U >> 20U ^ (static_cast<std::uint64_t>(::getpid()) << 40U)) & 0xfffffffffU;
  }

  void put_account(char* at) {
    std::memcpy(at, accounts_[next_account_].data(), kIdBytes);
    next_account_ = (next_account_ + 1) % accounts_.size();
  }

  // A UUID of version 7: milliseconds, a counter, this run. The server takes it as such, or hashes one of version 4.
  void put_command(char* at) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto millis = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    const std::uint64_t count = next_command_++;
    put_hex(at, millis >> 16U, 8);
    at[8] = at[13] = at[18] = at[23] = '-';
    put_hex(at + 9, millis, 4);
    at[14] = version_;
    put_hex(at + 15, count >> 24U, 3);
    at[19] = '8';
    put_hex(at + 20, count >> 12U, 3);
    put_hex(at + 24, count, 3);
    put_hex(at + 27, run_, 9);
  }

 private:
  static void put_hex(char* at, std::uint64_t value, int digits) {
    for (int i = digits - 1; i >= 0; --i, value >>= 4U) at[i] = "0123456789abcdef"[value & 15U];
  }

  std::vector<std::string> accounts_;
  std::size_t next_account_ = 0;
  char version_;
  std::uint64_t run_ = 0;
  std::uint64_t next_command_ = 0;
};

// A request's bytes and where account and command ids go in them.
struct Shape {
  std::string bytes;
  std::vector<std::size_t> accounts, commands;
};

Shape shape_of(const Options& options) {
  const std::string account(kIdBytes, 'a');
  const std::string command(kCommandBytes, 'c');
  const std::string common = " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + options.key + "\r\n";
  const std::string payment =
      R"({"account":")" + account + R"(","amount":{"amount":"12.34","currency":"USD"},"method":"wire"})";
  Shape shape;
  if (options.mode == "get") {
    std::string path = options.path;
    if (const auto at = path.find("{}"); at != std::string::npos) {
      path.replace(at, 2, account);
      shape.accounts.push_back(4 + at);
    }
    shape.bytes = "GET " + path + common + "\r\n";
    return shape;
  }
  if (options.mode == "single") {
    shape.bytes = "POST /v1/payments" + common + "Content-Type: application/json\r\nIdempotency-Key: " + command +
                  "\r\nContent-Length: " + std::to_string(payment.size()) + "\r\n\r\n" + payment;
    shape.commands.push_back(shape.bytes.find(command));
    shape.accounts.push_back(shape.bytes.find(account));
    return shape;
  }
  if (options.mode != "batch") give_up("no such mode: " + options.mode);
  const std::string line = R"({"id":")" + command + R"(","command":"payment.record","body":)" + payment + "}\n";
  shape.bytes = "POST /v1/batches" + common + "Content-Type: application/x-ndjson\r\nContent-Length: " +
                std::to_string(line.size() * options.lines) + "\r\n\r\n";
  for (std::size_t i = 0; i < options.lines; ++i) {
    shape.commands.push_back(shape.bytes.size() + line.find(command));
    shape.accounts.push_back(shape.bytes.size() + line.find(account));
    shape.bytes += line;
  }
  return shape;
}

// Follows one answer without keeping it: a Content-Length body, or chunks of NDJSON whose lines it counts.
class Answer {
 public:
  void begin() { *this = Answer(); }
  int status() const { return status_; }
  std::size_t refused_lines() const { return refused_; }

  // Takes what arrived; true when the answer is complete.
  bool take(std::string_view bytes) {
    text_ += bytes;
    if (status_ == 0 && !read_head()) return false;
    if (!chunked_) return text_.size() >= length_;
    return text_.ends_with("\r\n0\r\n\r\n") && count_lines();
  }

 private:
  bool read_head() {
    const auto end = text_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    status_ = std::atoi(text_.c_str() + 9);
    chunked_ = text_.find("chunked") < end;
    if (const auto at = text_.find("Content-Length: "); at < end) {
      length_ = static_cast<std::size_t>(std::atoll(text_.c_str() + at + 16));
    }
    text_.erase(0, end + 4);
    return true;
  }

  bool count_lines() {
    constexpr std::string_view kProblem = R"("problem":)";
    for (auto at = text_.find(kProblem); at != std::string::npos; at = text_.find(kProblem, at + 1)) ++refused_;
    return true;
  }

  std::string text_;
  int status_ = 0;
  bool chunked_ = false;
  std::size_t length_ = 0;
  std::size_t refused_ = 0;
};

struct Connection {
  int socket = -1;
  std::string request;
  std::size_t sent = 0;
  bool wants_write = false;
  Answer answer;
  Clock::time_point since;
};

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options), source_(options.accounts, options.ids == "uuid7"),
        shape_(shape_of(options)), connections_(static_cast<std::size_t>(options.connections)) {}

  void run() {
    epoll_ = ::epoll_create1(0);
    for (Connection& connection : connections_) open(connection);
    begin_ = Clock::now();
    due_ = begin_;
    end_ = begin_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.seconds));
    for (Connection& connection : connections_) turn(connection);
    std::array<epoll_event, 256> events{};
    while (busy_ > 0 || !idle_.empty()) {
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), idle_.empty() ? 1'000 : 1);
      for (int i = 0; i < count; ++i) on_event(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
      while (!idle_.empty() && (Clock::now() >= due_ || Clock::now() >= end_)) {
        Connection* connection = idle_.front();
        idle_.pop_front();
        turn(*connection);
      }
      if (Clock::now() > end_ + std::chrono::seconds(60)) give_up("answers are missing after a minute");
    }
    print();
  }

 private:
  void open(Connection& connection) {
    connection.socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(connection.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      give_up("cannot connect: " + std::string(std::strerror(errno)));
    const int on = 1;
    ::setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::fcntl(connection.socket, F_SETFL, O_NONBLOCK);
    connection.request = shape_.bytes;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &connection;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event);
  }

  // Sends the connection's next request, lets it wait until one is due, or ends it.
  void turn(Connection& connection) {
    const auto now = Clock::now();
    if (now >= end_) return;
    connection.since = now;
    if (options_.rate > 0) {
      if (now < due_) {
        idle_.push_back(&connection);
        return;
      }
      connection.since = due_;
      due_ += std::chrono::duration_cast<Clock::duration>(
          std::chrono::duration<double>(static_cast<double>(options_.lines) / options_.rate));
    }
    for (const std::size_t at : shape_.accounts) source_.put_account(connection.request.data() + at);
    for (const std::size_t at : shape_.commands) source_.put_command(connection.request.data() + at);
    connection.sent = 0;
    connection.answer.begin();
    ++busy_;
    send(connection);
  }

  void send(Connection& connection) {
    while (connection.sent < connection.request.size()) {
      const auto count = ::send(connection.socket, connection.request.data() + connection.sent,
                                connection.request.size() - connection.sent, MSG_NOSIGNAL);
      if (count < 0 && errno == EAGAIN) break;
      if (count < 0) give_up("the server cut a connection: " + std::string(std::strerror(errno)));
      connection.sent += static_cast<std::size_t>(count);
    }
    const bool wants_write = connection.sent < connection.request.size();
    if (wants_write == connection.wants_write) return;
    connection.wants_write = wants_write;
    epoll_event event{};
    event.events = wants_write ? EPOLLIN | EPOLLOUT : EPOLLIN;
    event.data.ptr = &connection;
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.socket, &event);
  }

  void on_event(Connection& connection) {
    if (connection.wants_write) send(connection);
    const auto count = ::recv(connection.socket, buffer_.data(), buffer_.size(), 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) give_up("the server closed a connection");
    if (!connection.answer.take({buffer_.data(), static_cast<std::size_t>(count)})) return;
    const auto now = Clock::now();
    latencies_.push_back(std::chrono::duration<double, std::micro>(now - connection.since).count());
    last_ = now;
    ++statuses_[connection.answer.status()];
    if (connection.answer.status() / 100 == 2) {
      done_ += options_.lines - connection.answer.refused_lines();
      refused_ += connection.answer.refused_lines();
    } else {
      refused_ += options_.lines;
    }
    --busy_;
    turn(connection);
  }

  double at_share(double share) const {
    if (latencies_.empty()) return 0;
    const auto index = static_cast<std::size_t>(share * static_cast<double>(latencies_.size()));
    return latencies_[std::min(index, latencies_.size() - 1)];
  }

  void print() {
    std::sort(latencies_.begin(), latencies_.end());
    const double seconds = std::chrono::duration<double>(last_ - begin_).count();
    std::printf(R"({"requests":%zu,"done":%zu,"refused":%zu,"seconds":%.3f,"per_second":%.1f,)", latencies_.size(),
                done_, refused_, seconds, static_cast<double>(done_) / std::max(seconds, 1e-9));
    std::printf(R"("p50_us":%.0f,"p99_us":%.0f,"p999_us":%.0f,"max_us":%.0f,"request_bytes":%zu,"statuses":{)",
                at_share(0.5), at_share(0.99), at_share(0.999), at_share(1), shape_.bytes.size());
    const char* comma = "";
    for (const auto& [status, count] : statuses_) {
      std::printf(R"(%s"%d":%zu)", comma, status, count);
      comma = ",";
    }
    std::printf("}}\n");
  }

  Options options_;
  Source source_;
  Shape shape_;
  std::vector<Connection> connections_;
  std::vector<char> buffer_ = std::vector<char>(256 * 1024);
  std::deque<Connection*> idle_;
  std::vector<double> latencies_;
  std::map<int, std::size_t> statuses_;
  std::size_t done_ = 0, refused_ = 0;
  int epoll_ = -1, busy_ = 0;
  Clock::time_point begin_, end_, last_, due_;
};

}  // namespace

int main(int argc, char** argv) {
  Load(options_of(argc, argv)).run();
}

// An open file descriptor that closes itself, and writing all of some bytes to one.
#pragma once

#include <string_view>
#include <utility>

namespace billing {

// -1 when there is none. One thread at a time.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  int get() const { return number_; }
  bool valid() const { return number_ >= 0; }
  // Closes it, if it is open.
  void reset();

 private:
  int number_;
};

// Writes all bytes where the descriptor stands; goes on after a signal. False, with errno, when it cannot.
bool write_all(int descriptor, std::string_view bytes);

}  // namespace billing

// What a kernel function returns to a guest: a value, or one of Linux's error numbers (errno(3)).
#pragma once

#include <cassert>
#include <cerrno>
#include <cstdint>
#include <utility>
#include <variant>

namespace trapline::kernel {

struct Error {
  int number = 0;  // positive: EINVAL and so on. The hosts' numbers are Linux's own.
};

template <class T>
class [[nodiscard]] Result {
 public:
  // A function returns either as it is, so both conversions are implicit.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, error) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& operator*() { return std::get<0>(state_); }
  const T& operator*() const { return std::get<0>(state_); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  Error error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

struct Done {};
using Status = Result<Done>;

// What a system call returns: the value of the ABI's return register, or an error.
using SyscallResult = Result<std::uint64_t>;

}  // namespace trapline::kernel

// What a kernel function returns to a guest: a value, or one of Linux's error numbers (errno(3)).
#pragma once

#include <cassert>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace trapline::kernel {

// The rule that a refused request breaks, for people. It is put into words only where somebody asks, which
// must be before anything that the words tell of has changed.
class Why {
 public:
  Why() = default;
  Why(const char* field, std::function<std::string()> words)
      : rule_(std::make_shared<const Rule>(Rule{field, std::move(words)})) {}

  // False: nothing is known but the number.
  explicit operator bool() const { return rule_ != nullptr; }
  std::string text() const { return rule_ == nullptr ? std::string() : rule_->words(); }
  // What of the request breaks it, by Linux's name ("bp_len" of struct perf_event_attr), or "".
  const char* field() const { return rule_ == nullptr ? "" : rule_->field; }

 private:
  struct Rule {
    const char* field;
    std::function<std::string()> words;
  };
  std::shared_ptr<const Rule> rule_;  // most errors have none: a result stays small
};

struct Error {
  int number = 0;  // positive: EINVAL and so on. The hosts' numbers are Linux's own.
  Why why{};
};

inline Error refused(int number, const char* field, const char* words) {
  return {number, Why(field, [words] { return std::string(words); })};
}
inline Error refused(int number, const char* field, std::function<std::string()> words) {
  return {number, Why(field, std::move(words))};
}

// What a system call that a signal interrupted returns inside of the kernel (include/linux/errno.h). A
// program sees EINTR, or nothing, because the call is made again:
inline constexpr int kErestartSys = 512;     // again, if the handler has SA_RESTART
inline constexpr int kErestartNoIntr = 513;  // always again
inline constexpr int kErestartNoHand = 514;  // again, where no handler ran
inline constexpr int kErestartRestartBlock =
    516;  // the same, by restart_syscall(2), which knows how long is left
// The call is not finished: the task sleeps or is stopped, and its handler is called again afterwards.
inline constexpr int kSleeps = 1000;
// The call has set all registers itself.
inline constexpr int kRegistersSet = 1001;

template <class T>
class [[nodiscard]] Result {
 public:
  // A function returns either as it is, so both conversions are implicit.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& operator*() { return std::get<0>(state_); }
  const T& operator*() const { return std::get<0>(state_); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

struct Done {};
using Status = Result<Done>;

// What a system call returns: the value of the ABI's return register, or an error.
using SyscallResult = Result<std::uint64_t>;
// Of a call that has no value but its success.
inline SyscallResult done(const Status& status) {
  return status ? SyscallResult(std::uint64_t{0}) : SyscallResult(status.error());
}

}  // namespace trapline::kernel

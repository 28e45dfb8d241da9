// How much of something a guest may still take from its host.
#pragma once

#include <cstdint>

namespace trapline::kernel {

class Allowance {
 public:
  explicit Allowance(std::uint64_t amount) : left_(amount) {}
  Allowance(const Allowance&) = delete;
  Allowance& operator=(const Allowance&) = delete;

  bool take(std::uint64_t amount) {
    if (amount > left_) return false;
    left_ -= amount;
    return true;
  }
  void give_back(std::uint64_t amount) { left_ += amount; }
  std::uint64_t left() const { return left_; }

 private:
  std::uint64_t left_;
};

}  // namespace trapline::kernel

// How CPUs take turns: how far their clocks may be apart, and by which chances.
#pragma once

#include <cstdint>
#include <optional>

namespace trapline::kernel {

struct InterleavingSpec {
  // How far a CPU may get ahead of another that has work, in cycles. To change between CPUs costs the host
  // about a microsecond, in which a guest gets on by some thousand cycles. One: instructions of all CPUs come
  // in the order in which they complete, so that no effect of one has a later cycle than what it brought
  // about.
  std::uint64_t quantum = 20'000;
  // Turns, and how long a task has its CPU, are by chance, the same for the same seed.
  std::optional<std::uint64_t> seed{};
};

class Interleaving {
 public:
  explicit Interleaving(const InterleavingSpec& spec)
      : quantum_(spec.quantum), by_chance_(spec.seed.has_value()), state_(spec.seed.value_or(0)) {}

  std::uint64_t quantum() const { return quantum_; }
  bool by_instruction() const { return quantum_ == 1; }
  bool by_chance() const { return by_chance_; }

  // One of so many.
  std::uint64_t choice(std::uint64_t count) { return next() % count; }
  // A length of up to `longest`, short ones as likely as long ones: each order of magnitude as often as the
  // next.
  std::uint64_t length(std::uint64_t longest);

 private:
  // Splitmix64 (G. Steele, D. Lea, C. Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }

  std::uint64_t quantum_;
  bool by_chance_;
  std::uint64_t state_;
};

}  // namespace trapline::kernel

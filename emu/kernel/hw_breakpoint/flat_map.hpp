// A hash table in one piece of memory, for accounting that is looked at with every breakpoint that is opened
// or closed: with many tasks a lookup waits for memory once, where a table of nodes makes it wait two or
// three times, and that would show as growth with the number of tasks.
//
// Open addressing with linear probing; erasing closes the gap, so that the table is as if what is gone had
// never been there. Key{} is no key: it marks a free place. Growing moves the values.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace trapline::kernel {

template <class Key, class Value>
class FlatMap {
 public:
  // The pointer lasts until the next change of the table.
  Value* find(Key key) {
    if (places_.empty()) return nullptr;
    Place& place = places_[place_of(key)];
    return place.key == key ? &place.value : nullptr;
  }
  const Value* find(Key key) const {
    if (places_.empty()) return nullptr;
    const Place& place = places_[place_of(key)];
    return place.key == key ? &place.value : nullptr;
  }

  // Made where there is none.
  Value& operator[](Key key) {
    if (Value* const known = find(key)) return *known;
    // Beyond three quarters the ways get long.
    if (4 * (size_ + 1) > 3 * places_.size()) grow();
    Place& place = places_[place_of(key)];
    place.key = key;
    ++size_;
    return place.value;
  }

  // The key is in the table.
  void erase(Key key) {
    std::size_t gap = place_of(key);
    // What stands after the gap, up to the next free place, may move into it unless it would then stand
    // before the place where its search begins.
    for (std::size_t at = next(gap); places_[at].key != Key{}; at = next(at)) {
      const std::size_t way = (at - home(places_[at].key)) & mask();
      if (way < ((at - gap) & mask())) continue;
      places_[gap] = std::move(places_[at]);
      gap = at;
    }
    places_[gap] = Place{};
    --size_;
  }

  // Whether predicate(key, value) holds anywhere. It is asked in no particular order.
  template <class Predicate>
  bool any_of(const Predicate& predicate) const {
    return std::ranges::any_of(places_, [&predicate](const Place& place) {
      return place.key != Key{} && predicate(place.key, place.value);
    });
  }

 private:
  struct Place {
    Key key{};
    Value value{};
  };

  std::size_t mask() const { return places_.size() - 1; }
  std::size_t next(std::size_t at) const { return (at + 1) & mask(); }
  // Multiplication by 2^64 over the golden ratio brings what differs in the low bits to the top ones.
  std::size_t home(Key key) const {
    constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;
    const std::uint64_t hash = std::hash<Key>{}(key);
    return static_cast<std::size_t>(hash * kGolden >> shift_);
  }
  // Where the key is, or else the free place where it would be put.
  std::size_t place_of(Key key) const {
    std::size_t at = home(key);
    while (places_[at].key != key && places_[at].key != Key{}) at = next(at);
    return at;
  }

  void grow() {
    constexpr std::size_t kFewest = 16;
    std::vector<Place> old(places_.empty() ? kFewest : 2 * places_.size());
    old.swap(places_);
    shift_ = static_cast<unsigned>(std::countl_zero(places_.size()) + 1);
    for (Place& place : old) {
      if (place.key != Key{}) places_[place_of(place.key)] = std::move(place);
    }
  }

  std::vector<Place> places_;  // a power of two of them
  std::size_t size_ = 0;
  unsigned shift_ = 0;
};

}  // namespace trapline::kernel

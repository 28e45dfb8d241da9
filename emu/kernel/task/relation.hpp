// One to many: a tracer and its tracees, a parent and its children, a process and its threads. Each holds its
// end of the relation and knows the others for as long as they are there: who goes takes itself out of the
// others'.
#pragma once

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace trapline::kernel {

template <class One, class Many>
class Members;

// The end of each of the many.
template <class One, class Many>
class Membership {
 public:
  explicit Membership(Many& self) : self_(self) {}
  ~Membership() { leave(); }
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;

  // Null: there is none, any more.
  One* get() const { return in_ == nullptr ? nullptr : &in_->self_; }
  operator One*() const { return get(); }  // NOLINT(google-explicit-constructor): it reads as a pointer
  One* operator->() const { return get(); }

  void join(Members<One, Many>& members) {
    leave();
    in_ = &members;
    members.ends_.push_back(this);
  }
  void leave() {
    if (auto* const members = std::exchange(in_, nullptr)) std::erase(members->ends_, this);
  }

 private:
  friend class Members<One, Many>;

  Many& self_;
  Members<One, Many>* in_ = nullptr;
};

// The end of the one: the many, in the order in which they came. Whoever changes the relation while going
// through it goes through all() instead.
template <class One, class Many>
class Members {
 public:
  explicit Members(One& self) : self_(self) {}
  ~Members() {
    for (Membership<One, Many>* const end : ends_) end->in_ = nullptr;
  }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  class Iterator {
   public:
    // NOLINTBEGIN(readability-identifier-naming): the standard library's
    using iterator_category = std::input_iterator_tag;
    using iterator_concept = std::forward_iterator_tag;
    using value_type = Many*;
    using difference_type = std::ptrdiff_t;
    using reference = Many*;
    using pointer = void;
    // NOLINTEND(readability-identifier-naming)

    Iterator() = default;
    Many* operator*() const { return &(*at_)->self_; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) { return std::exchange(*this, Iterator(at_ + 1)); }
    bool operator==(const Iterator&) const = default;

   private:
    friend class Members;
    using End = typename std::vector<Membership<One, Many>*>::const_iterator;
    explicit Iterator(End at) : at_(at) {}
    End at_{};
  };

  Iterator begin() const { return Iterator(ends_.begin()); }
  Iterator end() const { return Iterator(ends_.end()); }
  std::size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  std::vector<Many*> all() const { return {begin(), end()}; }

 private:
  friend class Membership<One, Many>;

  One& self_;
  std::vector<Membership<One, Many>*> ends_;
};

}  // namespace trapline::kernel

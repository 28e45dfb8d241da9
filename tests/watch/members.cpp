// C++: static members, namespaces, references, members of this.
namespace bank {

class Counter {
 public:
  static int total;
  explicit Counter(int start) : value_(start) {}
  __attribute__((noinline)) void add(int by) {
    value_ += by;
    total += by;
  }
  __attribute__((noinline)) void add(long by) { value_ += static_cast<int>(2 * by); }
  int value() const { return value_; }

 private:
  int value_;
};

int Counter::total = 0;

namespace {
int hidden;
}

__attribute__((noinline)) void hide(int value) { hidden = value; }

__attribute__((noinline)) void set(int& what, int value) { what = value; }

}  // namespace bank

bank::Counter account(10);
int plain;

double temperature = 1.5;
float ratio = 0.5F;
struct Halves {
  float left, right;
} halves{0.25F, 8};

int main() {
  account.add(5);
  account.add(7l);
  bank::hide(3);
  bank::set(plain, 6);
  temperature *= -2;
  ratio /= 4;
  halves.right += 1;
  return account.value() == 29 ? 0 : 1;
}

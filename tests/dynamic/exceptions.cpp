// C++ that leans on its shared library: exceptions through frames and across threads, iostreams, containers.
#include <algorithm>
#include <atomic>
#include <future>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

struct Noisy {
  std::string name;
  ~Noisy() { std::cout << "unwinds " << name << '\n'; }
};

static int deep(int n) {
  const Noisy noisy{"frame " + std::to_string(n)};
  if (n == 0) throw std::out_of_range("the bottom");
  return deep(n - 1) + 1;
}

int main() {
  try {
    deep(2);
  } catch (const std::exception& error) {
    std::cout << "caught " << error.what() << '\n';
  }
  std::future<int> failing =
      std::async(std::launch::async, []() -> int { throw std::runtime_error("in a thread"); });
  try {
    failing.get();
  } catch (const std::runtime_error& error) {
    std::cout << "caught " << error.what() << '\n';
  }
  std::atomic<int> sum{0};
  std::vector<std::thread> threads;
  for (int i = 1; i <= 4; ++i)
    threads.emplace_back([&sum, i] {
      for (int n = 0; n < 100; ++n) sum += i;
    });
  for (std::thread& thread : threads) thread.join();
  std::map<std::string, double> values{{"sum", sum.load()}, {"pi", 3.14159}};
  for (const auto& [name, value] : values) std::cout << name << ' ' << value << '\n';
  try {
    std::vector<int>().at(3);
  } catch (const std::out_of_range&) {
    std::cout << "out of range" << std::endl;
  }
}

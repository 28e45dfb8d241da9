#include "tools/clean_end.hpp"

#include <pthread.h>
#include <signal.h>

#include <cerrno>
#include <system_error>

namespace trapline::tools {

CleanEnd::CleanEnd() {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_IGN)
      sigaddset(&signals_, signal);
  }
  sigset_t waited = signals_;
  sigaddset(&waited, SIGTERM);  // is also how the waiter is told to stop
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &waited, &mask_); error != 0)
    throw std::system_error(error, std::generic_category(), "pthread_sigmask");
  waiter_ = std::jthread([this](const std::stop_token& stop) { wait(stop); });
}

CleanEnd::~CleanEnd() {
  waiter_.request_stop();
  // It is blocked in all threads, and the waiter takes it.
  ::pthread_kill(waiter_.native_handle(), SIGTERM);  // NOLINT(bugprone-bad-signal-to-kill-thread)
  waiter_.join();
  ::pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
}

void CleanEnd::wait(const std::stop_token& stop) {
  sigset_t waited = signals_;
  sigaddset(&waited, SIGTERM);
  int signal = 0;
  do {
    while (::sigwait(&waited, &signal) != 0) {
    }
    if (stop.stop_requested()) return;
  } while (sigismember(&signals_, signal) == 0);  // Linux keeps a blocked signal though it is ignored
  leftovers_.clear();
  // The signal's own way to end, so that who waits for the process sees it.
  ::signal(signal, SIG_DFL);
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, signal);
  ::pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
  ::raise(signal);
}

}  // namespace trapline::tools

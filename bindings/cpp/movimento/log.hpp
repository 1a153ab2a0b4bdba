// The log of the library. Part of movimento.hpp.

#ifndef MOVIMENTO_LOG_HPP
#define MOVIMENTO_LOG_HPP

#include <movimento/border.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace movimento {

/// mov_set_log: `take(level, message)` gets the messages up to `level`, for the whole process. It is
/// called on any thread, several at once, and kept for good.
template <class Take>
void set_log(std::int32_t level, Take take) {
  // Never freed: another thread may be about to call an earlier one.
  static std::mutex &mutex = *new std::mutex;
  static auto &all = *new std::vector<std::unique_ptr<std::function<void(std::int32_t, const char *)>>>;
  auto own = std::make_unique<std::function<void(std::int32_t, const char *)>>(std::move(take));
  const auto receive = [](std::int32_t severity, const char *message, void *user_data) {
    try {
      (*static_cast<std::function<void(std::int32_t, const char *)> *>(user_data))(severity, message);
    } catch (...) {
      detail::logger::threw(std::current_exception());
    }
  };
  auto *const function = own.get();
  {
    const std::lock_guard<std::mutex> lock(mutex);
    all.push_back(std::move(own));
  }
  detail::call([&] { return mov_set_log(level, receive, function); });
}

/// The same, for no log.
inline void set_log(std::nullptr_t) {
  detail::call([] { return mov_set_log(MOV_LOG_OFF, nullptr, nullptr); });
}

}  // namespace movimento

#endif  // MOVIMENTO_LOG_HPP

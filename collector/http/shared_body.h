// A body that several answers send: written once, and compressed once for all who ask for that. Any
// thread; shared by the answers, and gone when the last one is sent.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace muster::collector::http {

class SharedBody {
 public:
  explicit SharedBody(std::string text)
      : text_(std::make_shared<const std::string>(std::move(text))) {}

  // Shared, so that what is compressed can be kept without what it was made of.
  const std::shared_ptr<const std::string>& text() const { return text_; }
  // Compressed by the first call, which takes long. Null if there is no memory for that.
  std::shared_ptr<const std::string> packed();

 private:
  const std::shared_ptr<const std::string> text_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::shared_ptr<const std::string> packed_;
};

}  // namespace muster::collector::http

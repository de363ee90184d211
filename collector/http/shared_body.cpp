#include "collector/http/shared_body.h"

#include <optional>

#include "collector/http/gzip.h"

namespace muster::collector::http {

std::shared_ptr<const std::string> SharedBody::packed() {
  const std::lock_guard lock(mutex_);
  if (packed_ == nullptr) {
    if (std::optional<std::string> packed = gzip(*text_)) {
      packed_ = std::make_shared<const std::string>(*std::move(packed));
    }
  }
  return packed_;
}

}  // namespace muster::collector::http

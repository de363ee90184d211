#include "common/openssl.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include <limits>

namespace muster {

absl::Status openssl_error(std::string_view doing) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return absl::InvalidArgumentError(
      fmt::format("{}: {}", doing, reason != nullptr ? reason : "OpenSSL gave no reason"));
}

BioPtr memory_bio(std::string_view data) {
  if (data.size() > static_cast<size_t>(std::numeric_limits<int>::max())) return nullptr;
  return BioPtr(BIO_new_mem_buf(data.data(), static_cast<int>(data.size())));
}

std::string bio_content(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<size_t>(size)) : std::string();
}

}  // namespace muster

#include "collector/http/gzip.h"

#include <libdeflate.h>

#include <memory>
#include <new>

namespace muster::collector::http {
namespace {

// The fastest: an exposition shrinks to a twentieth even so.
constexpr int kLevel = 1;

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const {
    libdeflate_free_compressor(compressor);
  }
};

}  // namespace

std::optional<std::string> gzip(std::string_view data) {
  const std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor(
      libdeflate_alloc_compressor(kLevel));
  if (compressor == nullptr) return std::nullopt;
  // Room for data that does not shrink: the system gives only the pages that are written to.
  const size_t room = libdeflate_gzip_compress_bound(compressor.get(), data.size());
  const std::unique_ptr<char[]> packed(new (std::nothrow) char[room]);
  if (packed == nullptr) return std::nullopt;
  const size_t size =
      libdeflate_gzip_compress(compressor.get(), data.data(), data.size(), packed.get(), room);
  if (size == 0) return std::nullopt;
  return std::string(packed.get(), size);
}

}  // namespace muster::collector::http

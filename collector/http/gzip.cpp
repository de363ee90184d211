#include "collector/http/gzip.h"

#include <zlib.h>

#include <algorithm>

namespace muster::collector::http {
namespace {

// 15 bits of window, and 16 for a gzip header instead of zlib's.
constexpr int kGzipWindowBits = 15 + 16;
constexpr int kMemoryLevel = 8;
// zlib counts in 32 bits; more is fed in pieces.
constexpr size_t kPiece = size_t{64} * 1024 * 1024;

struct Deflater {
  z_stream stream{};
  ~Deflater() { deflateEnd(&stream); }
};

}  // namespace

std::optional<std::string> gzip(std::string_view data) {
  Deflater deflater;
  z_stream& stream = deflater.stream;
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindowBits, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return std::nullopt;
  }
  std::string packed(std::max<size_t>(data.size() / 8, 1024), '\0');
  size_t used = 0;
  int result = Z_OK;
  while (result != Z_STREAM_END) {
    if (stream.avail_in == 0 && !data.empty()) {
      const size_t piece = std::min(data.size(), kPiece);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
      stream.avail_in = static_cast<uInt>(piece);
      data.remove_prefix(piece);
    }
    if (used == packed.size()) packed.resize(packed.size() * 2);
    const size_t room = std::min(packed.size() - used, kPiece);
    stream.next_out = reinterpret_cast<Bytef*>(packed.data() + used);
    stream.avail_out = static_cast<uInt>(room);
    result = deflate(&stream, data.empty() ? Z_FINISH : Z_NO_FLUSH);
    used += room - stream.avail_out;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return std::nullopt;
  }
  packed.resize(used);
  return packed;
}

}  // namespace muster::collector::http

#include "agent/probes/tls/memory_transport.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "common/openssl.h"

namespace muster::tls {
namespace {

MemoryTransport& transport_of(BIO* bio) {
  return *static_cast<MemoryTransport*>(BIO_get_data(bio));
}

int read(BIO* bio, char* to, int size) {
  MemoryTransport& transport = transport_of(bio);
  BIO_clear_retry_flags(bio);
  if (transport.incoming.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const size_t count = std::min(transport.incoming.size(), static_cast<size_t>(std::max(size, 0)));
  std::memcpy(to, transport.incoming.data(), count);
  transport.incoming.remove_prefix(count);
  return static_cast<int>(count);
}

int write(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  transport_of(bio).outgoing.append(from, static_cast<size_t>(std::max(size, 0)));
  return size;
}

long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

using MethodPtr = std::unique_ptr<BIO_METHOD, OpensslDeleter<BIO_meth_free>>;

MethodPtr make_method() {
  MethodPtr method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "bytes of a socket"));
  if (method == nullptr) return method;
  BIO_meth_set_read(method.get(), &read);
  BIO_meth_set_write(method.get(), &write);
  BIO_meth_set_ctrl(method.get(), &control);
  return method;
}

}  // namespace

BIO* make_bio(MemoryTransport& transport) {
  static const MethodPtr method = make_method();
  BIO* const bio = method == nullptr ? nullptr : BIO_new(method.get());
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, &transport);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace muster::tls

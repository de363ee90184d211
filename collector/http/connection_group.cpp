#include "collector/http/connection_group.h"

#include <utility>

#include "collector/http/connection.h"

namespace muster::collector::http {
namespace {

// The books know connections by their address in memory; whoever is in them is still alive.
Connection* connection_of(const void* id) {
  return static_cast<Connection*>(const_cast<void*>(id));
}

}  // namespace

ConnectionGroup::ConnectionGroup(Limits limits, Handler handler, Observer observer)
    : limits_(limits),
      handler_(std::move(handler)),
      observer_(std::move(observer)),
      places_(limits.connections, limits.connections_per_address),
      memory_(limits.response_bytes) {}

bool ConnectionGroup::enter(Connection* connection, const std::string& block, bool from_loopback) {
  ConnectionPlaces::Entry entry;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return false;
    entry = places_.enter(connection, block, from_loopback);
    if (!entry.refused) open_.insert(connection);
    if (observer_.connections) observer_.connections(open_.size());
    if (entry.displaced != nullptr) connection_of(entry.displaced)->close();
  }
  if (entry.refused) count(*entry.refused);
  if (entry.displaced != nullptr) count(Refused::kDisplaced);
  return !entry.refused;
}

void ConnectionGroup::proved(const Connection* connection) {
  const std::lock_guard lock(mutex_);
  places_.proved(connection);
}

void ConnectionGroup::hold(Connection* connection, const std::string& block,
                           const std::string& body) {
  size_t closed = 0;
  {
    const std::lock_guard lock(mutex_);
    for (const void* slow : memory_.hold(connection, block, &body, body.size())) {
      connection_of(slow)->close();
      ++closed;
    }
  }
  while (closed-- > 0)
    count(Refused::kSlowReader);
}

void ConnectionGroup::release(const Connection* connection) {
  const std::lock_guard lock(mutex_);
  memory_.release(connection);
}

void ConnectionGroup::leave(const Connection* connection) {
  const std::lock_guard lock(mutex_);
  places_.leave(connection);
  memory_.release(connection);
  open_.erase(const_cast<Connection*>(connection));
  if (observer_.connections) observer_.connections(open_.size());
}

void ConnectionGroup::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (Connection* connection : open_)
    connection->stop();
}

}  // namespace muster::collector::http

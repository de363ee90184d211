// What the connections of a server have in common: its limits, the places they take, the memory of
// the answers they send. Any thread. Shared by the server and its connections, since these outlive
// it while they answer.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "collector/http/connection_places.h"
#include "collector/http/message.h"
#include "collector/http/refused.h"
#include "collector/http/response_memory.h"
#include "collector/http/server.h"

namespace muster::collector::http {

class Connection;

class ConnectionGroup {
 public:
  ConnectionGroup(Limits limits, Handler handler, Observer observer);

  const Limits& limits() const { return limits_; }
  const Handler& handler() const { return handler_; }
  // A thread for compressing what is large.
  boost::asio::thread_pool& compressor() { return compressor_; }
  void count(Refused why) const {
    if (observer_.refused) observer_.refused(why);
  }

  // False when there is no place, or the server has stopped. May close another connection.
  bool enter(Connection* connection, const std::string& block, bool from_loopback);
  // It has sent a whole request.
  void proved(const Connection* connection);
  // It sends `body` from now on. May close others, whose readers are slow.
  void hold(Connection* connection, const std::string& block, const std::string& body);
  void release(const Connection* connection);
  void leave(const Connection* connection);

  void stop();

 private:
  const Limits limits_;
  const Handler handler_;
  const Observer observer_;
  boost::asio::thread_pool compressor_{1};
  mutable std::mutex mutex_;
  // Guarded by mutex_. A connection leaves before it is destroyed.
  std::set<Connection*> open_;
  ConnectionPlaces places_;
  ResponseMemory memory_;
  bool stopped_ = false;
};

}  // namespace muster::collector::http

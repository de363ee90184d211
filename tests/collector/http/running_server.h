// A server on a port of its own, with a thread that runs it until the end of the scope.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "collector/http/server.h"

namespace muster::collector::http {

class RunningServer {
 public:
  explicit RunningServer(Handler handler, Limits limits = {}, const TlsFiles* tls = nullptr,
                         const std::vector<std::string>& addresses = {"127.0.0.1:0"}) {
    take(Server::listen(io_, addresses, tls, limits, std::move(handler), observer()));
  }
  // On a Unix socket.
  RunningServer(const std::string& path, Handler handler) {
    take(Server::listen_unix(io_, path, {}, std::move(handler), observer()));
  }
  ~RunningServer() {
    server_.reset();
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  Server& operator*() { return *server_; }
  Server* operator->() { return server_.get(); }
  std::string address(size_t index = 0) const { return server_->addresses().at(index); }
  boost::asio::io_context& io() { return io_; }

  // How often it said that it turned something away for this.
  size_t refused(Refused why) {
    const std::lock_guard lock(mutex_);
    return refused_[why];
  }
  size_t open_connections() const { return open_connections_; }

 private:
  Observer observer() {
    return {.refused =
                [this](Refused why) {
                  const std::lock_guard lock(mutex_);
                  ++refused_[why];
                },
            .connections = [this](size_t open) { open_connections_ = open; }};
  }

  void take(absl::StatusOr<std::unique_ptr<Server>> server) {
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    thread_ = std::thread([this] { io_.run(); });
  }

  std::mutex mutex_;
  // Guarded by mutex_.
  std::map<Refused, size_t> refused_;
  std::atomic<size_t> open_connections_ = 0;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

// Answers with what was asked: method, path and body.
inline void echo(const Request& request, const Respond& respond) {
  Response response;
  response.body = request.method + " " + request.path + " " + request.body;
  respond(std::move(response));
}

}  // namespace muster::collector::http

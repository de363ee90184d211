// What a service tells systemd, by the datagrams of sd_notify(3): that it serves, that it reads its
// configuration again, that it ends, how it stands, and that it lives (WATCHDOG=1).
//
// Own code rather than libsystemd: the protocol is promised to stay (systemd's interface stability
// promise), five kinds of message are all that is wanted, and the library would bring its
// compressors and libgcrypt into every process, of which the agent's is meant to be small. Standard
// library only, so that the smallest program can have it. Without a socket (not started by systemd)
// every call does nothing.
//
// Any thread. A call waits one second at most for a manager that does not read.
#pragma once

#include <string>
#include <string_view>

namespace muster {

class NotifySocket {
 public:
  // Tells nobody.
  NotifySocket() = default;
  // `address` as in $NOTIFY_SOCKET: an absolute path, or '@' and an abstract name; empty: nobody.
  // What else it may be (a vsock of a virtual machine) fails at each call.
  explicit NotifySocket(std::string_view address) : address_(address) {}

  bool is_told() const { return !address_.empty(); }

  // Each: 0, or the errno. `status` is the line that `systemctl status` shows: what is no printable
  // text in it becomes a space, and it is cut at 400 bytes.
  int ready(std::string_view status) const;
  int reloading() const;
  int stopping(std::string_view status) const;
  int status(std::string_view status) const;
  int alive() const;

 private:
  int send(std::string_view message) const;

  std::string address_;
};

// The bytes of a message, pure: "READY=1\nSTATUS=serving". `state` may be empty.
std::string notify_message(std::string_view state, std::string_view status);

}  // namespace muster

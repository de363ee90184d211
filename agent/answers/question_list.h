// What a host is asked, all of it, in one visible table: nothing else is started, connected to or
// sent by muster-answers. A new product is a row here, one in its probe's product_list.cpp, and its
// reader. Of nothing but libc, since the privileged program links it.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace muster::answers {

// By the byte that an order is.
enum class Group : char {
  kAntivirus = 'a',
  kIntrusionDetection = 'i',
  // Of a question: asked for both.
  kBoth = '*',
};

enum class Kind {
  // Starts the first of `paths` that is there, as root without capabilities but
  // CAP_DAC_READ_SEARCH, with `arguments`; its output.
  kCommand,
  // Connects to a Unix socket, writes `sent`, and reads to the end. The socket is what the first of
  // `settings` that is there names in a line "LocalSocket PATH", or 127.0.0.1 by "TCPSocket PORT"
  // unless each "TCPAddr" is another; else the first of `paths` that is there. Heard is root, or
  // the
  // user of the line "User NAME".
  kUnixSocket,
  // Connects to 127.0.0.1 at the port of the line "  listen_port: PORT" below "webserver:" in the
  // first of `settings` that is there, or at `port`; writes `sent`, and reads to the end. None of
  // `settings` there, "enabled: false", or a "listen_address" that is another: nobody is asked.
  // Heard
  // is root.
  kLoopback,
  // The messages with which the kernel answers AUDIT_GET and then AUDIT_LIST_RULES (linux/audit.h).
  kAudit,
  // A line "PID UID NAME" for each process that is in no container (pid_namespaces(7)), by its
  // real user; of a name (proc_pid_status(5)) at
  // most 15 bytes, in which spaces stay and what is no printable ASCII is a question mark.
  kProcesses,
};

struct Question {
  // What a reader finds the answer by: the product's, or "product-what".
  std::string_view name;
  Group group = Group::kBoth;
  Kind kind = Kind::kCommand;
  // Absolute. Null where there are no more.
  std::array<const char*, 4> paths{};
  std::array<const char*, 12> arguments{};
  std::array<const char*, 4> settings{};
  std::string_view sent = {};
  int port = 0;
  // Of a kUnixSocket: asked only while a process of this name runs, as far as can be seen. systemd
  // may hold the socket, and would start what answers at it.
  const char* process = nullptr;
  // How long it may take.
  int seconds = 10;
};

// All of both groups, in the order in which they are asked.
std::span<const Question> all_questions();

// "antivirus", "intrusion-detection": also the names of the probes.
std::string_view name_of(Group group);
constexpr bool is_asked(const Question& question, Group group) {
  return question.group == group || question.group == Group::kBoth;
}

}  // namespace muster::answers

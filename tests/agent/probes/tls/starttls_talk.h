// A dialog before TLS with a server that says what a test wants, in the pieces that it wants.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/tls/starttls.h"

namespace muster::tls::test {

struct Talk {
  StartTlsDialog::Step step = StartTlsDialog::Step::kRead;
  // All that the dialog said.
  std::string said;
  std::string detail;
  bool operator==(const Talk&) const = default;
};

// Cuts a message into pieces, none of them empty.
using Cut = std::function<std::vector<std::string_view>(std::string_view)>;

inline std::vector<std::string_view> whole(std::string_view message) {
  return {message};
}

inline std::vector<std::string_view> bytes(std::string_view message) {
  std::vector<std::string_view> pieces;
  for (size_t i = 0; i < message.size(); ++i)
    pieces.push_back(message.substr(i, 1));
  return pieces;
}

inline Cut in_two(size_t at) {
  return [at](std::string_view message) -> std::vector<std::string_view> {
    if (at == 0 || at >= message.size()) return {message};
    return {message.substr(0, at), message.substr(at)};
  };
}

// The server says each message once it has come, until the dialog ends.
inline Talk talk(v1::StartTls protocol, const std::vector<std::string>& server,
                 const Cut& cut = &whole, std::string_view server_name = "") {
  const std::unique_ptr<StartTlsDialog> dialog = StartTlsDialog::make(protocol, server_name);
  Talk talk;
  talk.said = dialog->opening();
  for (const std::string& message : server) {
    for (const std::string_view piece : cut(message)) {
      talk.step = dialog->receive(piece, talk.said);
      if (talk.step != StartTlsDialog::Step::kRead) break;
    }
    if (talk.step != StartTlsDialog::Step::kRead) break;
  }
  talk.detail = dialog->detail();
  return talk;
}

}  // namespace muster::tls::test

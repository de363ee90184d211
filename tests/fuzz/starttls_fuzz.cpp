// Dialogs before TLS, whatever a server says in whatever pieces: no crash, no more than their
// bound, printable text of at most 256 bytes, and one answer for the same bytes in one piece or in
// single bytes.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/probes/tls/starttls.h"
#include "common/text.h"

namespace {

using muster::tls::StartTlsDialog;
using Step = StartTlsDialog::Step;

struct Answer {
  Step step = Step::kRead;
  std::string said;
  std::string detail;
};

Answer answer_of(int protocol, std::string_view bytes, size_t piece) {
  const auto dialog =
      StartTlsDialog::make(static_cast<muster::v1::StartTls>(protocol), "www.example.org");
  Answer answer;
  answer.said = dialog->opening();
  while (!bytes.empty() && answer.step == Step::kRead) {
    answer.step = dialog->receive(bytes.substr(0, piece), answer.said);
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  answer.detail = dialog->detail();
  if (answer.detail.size() > 256 || muster::printable(answer.detail) != answer.detail) std::abort();
  if (answer.said.size() > 1024) std::abort();
  // What came behind the last of the clear text comes behind it in single bytes, too.
  if (answer.step == Step::kBeginTls && !bytes.empty()) answer.step = Step::kNotTheProtocol;
  return answer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr int kProtocols = 12;
  if (size == 0) return 0;
  const int protocol = 1 + data[0] % kProtocols;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Answer whole = answer_of(protocol, bytes, bytes.size() + 1);
  const Answer single = answer_of(protocol, bytes, 1);
  if (whole.step != single.step || whole.said != single.said) std::abort();
  return 0;
}

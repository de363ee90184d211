// Protocols whose server answers with words: IMAP and POP3 (RFC 2595), ManageSieve (RFC 5804) and
// IRC (IRCv3's "tls").
#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "agent/probes/tls/starttls_dialog.h"

namespace muster::tls {
namespace {

using Step = StartTlsDialog::Step;

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

class ImapDialog : public LineDialog {
 public:
  std::string opening() override { return {}; }

 private:
  Step take_line(std::string_view line, std::string& reply) override {
    std::string_view rest = line;
    const std::string_view tag = take_word(rest);
    const std::string status = upper(take_word(rest));
    const bool refuses = status == "NO" || status == "BAD" || status == "BYE";
    if (tag == "*") {
      if (status == "BYE") return no_start_tls(line);
      if (asked_) return Step::kRead;
      // It has let somebody in already, who cannot ask for TLS any more.
      if (status == "PREAUTH") return no_start_tls(line);
      if (status != "OK") return not_the_protocol(line);
      reply += "a1 STARTTLS\r\n";
      asked_ = true;
      return Step::kRead;
    }
    if (asked_ && tag == "a1" && status == "OK") return Step::kBeginTls;
    return asked_ && tag == "a1" && refuses ? no_start_tls(line) : not_the_protocol(line);
  }

  bool asked_ = false;
};

class Pop3Dialog : public LineDialog {
 public:
  std::string opening() override { return {}; }

 private:
  Step take_line(std::string_view line, std::string& reply) override {
    std::string_view rest = line;
    const std::string_view status = take_word(rest);
    if (status == "-ERR") return no_start_tls(line);
    if (status != "+OK") return not_the_protocol(line);
    if (asked_) return Step::kBeginTls;
    reply += "STLS\r\n";
    asked_ = true;
    return Step::kRead;
  }

  bool asked_ = false;
};

// The server begins with its capabilities, a quoted name at the beginning of each line.
class SieveDialog : public LineDialog {
 public:
  std::string opening() override { return {}; }

 private:
  Step take_line(std::string_view line, std::string& reply) override {
    std::string_view rest = line;
    const std::string word = upper(take_word(rest));
    const bool is_first = !std::exchange(heard_, true);
    if (word == "NO" || word == "BYE") return no_start_tls(line);
    if (word != "OK") {
      offers_ |= word == "\"STARTTLS\"";
      // What does not begin with one is the rest of a text over several lines.
      return line.starts_with('"') || (!is_first && !asked_) ? Step::kRead : not_the_protocol(line);
    }
    if (asked_) return Step::kBeginTls;
    if (!offers_) return no_start_tls("its capabilities do not have STARTTLS");
    reply += "STARTTLS\r\n";
    asked_ = true;
    return Step::kRead;
  }

  bool heard_ = false;
  bool offers_ = false;
  bool asked_ = false;
};

// The client begins; until the answer the server may tell how it looks the client up.
class IrcDialog : public LineDialog {
 public:
  std::string opening() override { return "STARTTLS\r\n"; }

 private:
  Step take_line(std::string_view line, std::string& /*reply*/) override {
    std::string_view rest = line;
    if (rest.starts_with('@')) take_word(rest);
    if (rest.starts_with(':')) take_word(rest);
    const std::string_view command = take_word(rest);
    if (command == "670") return Step::kBeginTls;
    // ERR_STARTTLS, unknown command, not registered.
    if (command == "691" || command == "421" || command == "451" || command == "ERROR") {
      return no_start_tls(line);
    }
    const bool is_numeric =
        command.size() == 3 && std::all_of(command.begin(), command.end(),
                                           [](unsigned char c) { return std::isdigit(c) != 0; });
    // "220 ready" of another protocol has no server's name before it.
    if (is_numeric && line.front() != command.front()) return Step::kRead;
    if (command == "NOTICE" || command == "PING" || command == "CAP") return Step::kRead;
    return not_the_protocol(line);
  }
};

}  // namespace

std::unique_ptr<StartTlsDialog> make_imap_dialog() {
  return std::make_unique<ImapDialog>();
}

std::unique_ptr<StartTlsDialog> make_pop3_dialog() {
  return std::make_unique<Pop3Dialog>();
}

std::unique_ptr<StartTlsDialog> make_sieve_dialog() {
  return std::make_unique<SieveDialog>();
}

std::unique_ptr<StartTlsDialog> make_irc_dialog() {
  return std::make_unique<IrcDialog>();
}

}  // namespace muster::tls

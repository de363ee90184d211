// Protocols whose server answers with a number of three digits: SMTP (RFC 3207), FTP (RFC 4217) and
// NNTP (RFC 4642).
#include <algorithm>
#include <cctype>
#include <string>

#include "agent/probes/tls/starttls_dialog.h"

namespace muster::tls {
namespace {

using Step = StartTlsDialog::Step;

// A name that nobody has (RFC 2606): servers want one, and who looks is none of their names.
constexpr std::string_view kEhlo = "EHLO muster.invalid\r\n";

bool is_upper(std::string_view text, std::string_view upper) {
  return std::equal(text.begin(), text.end(), upper.begin(), upper.end(),
                    [](unsigned char a, char b) { return std::toupper(a) == b; });
}

// "250-", "250 ", "250": its number; 0 if it is no such line.
int code_of(std::string_view line) {
  const bool digits = line.size() >= 3 && std::all_of(line.begin(), line.begin() + 3,
                                                      [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || (line.size() > 3 && line[3] != ' ' && line[3] != '-')) return 0;
  return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

bool is_refusal(int code) {
  return code >= 400 && code < 600;
}

// Puts the lines of a reply together.
class ReplyDialog : public LineDialog {
 public:
  std::string opening() override { return {}; }

 protected:
  // A line of a reply, with what follows its number.
  virtual void take_part(std::string_view /*text*/) {}
  // The whole reply; `line` is its last.
  virtual Step take_reply(int code, std::string_view line, std::string& reply) = 0;
  // RFC 959: lines within an FTP reply may be anything.
  virtual bool has_free_lines() const { return false; }

 private:
  Step take_line(std::string_view line, std::string& reply) final {
    const int code = code_of(line);
    if (in_reply_ != 0 && has_free_lines() && (code != in_reply_ || line.substr(3, 1) == "-")) {
      return Step::kRead;
    }
    if (code == 0 || (in_reply_ != 0 && code != in_reply_)) return not_the_protocol(line);
    take_part(line.substr(std::min<size_t>(line.size(), 4)));
    in_reply_ = line.substr(3, 1) == "-" ? code : 0;
    if (in_reply_ != 0) return Step::kRead;
    return take_reply(code, line, reply);
  }

  // The number of a reply of which more comes.
  int in_reply_ = 0;
};

class SmtpDialog : public ReplyDialog {
 private:
  enum class Awaits { kGreeting, kCapabilities, kGoAhead };

  void take_part(std::string_view text) override {
    if (awaits_ == Awaits::kCapabilities && is_upper(take_word(text), "STARTTLS")) offers_ = true;
  }

  Step take_reply(int code, std::string_view line, std::string& reply) override {
    switch (awaits_) {
      case Awaits::kGreeting:
        if (is_refusal(code)) return no_start_tls(line);
        if (code != 220) return not_the_protocol(line);
        reply += kEhlo;
        awaits_ = Awaits::kCapabilities;
        return Step::kRead;
      case Awaits::kCapabilities:
        if (is_refusal(code)) return no_start_tls(line);
        if (code != 250) return not_the_protocol(line);
        if (!offers_) return no_start_tls("its reply to EHLO does not offer STARTTLS");
        reply += "STARTTLS\r\n";
        awaits_ = Awaits::kGoAhead;
        return Step::kRead;
      default:
        return code == 220 ? Step::kBeginTls : no_start_tls(line);
    }
  }

  Awaits awaits_ = Awaits::kGreeting;
  bool offers_ = false;
};

// One greeting, one command, one go-ahead.
class CommandDialog : public ReplyDialog {
 public:
  struct Words {
    // Of its greeting; the second may be 0.
    int greeting;
    int other_greeting;
    std::string_view command;
    int go_ahead;
    bool free_lines;
  };
  explicit CommandDialog(const Words& words) : words_(words) {}

 private:
  bool has_free_lines() const override { return words_.free_lines; }

  Step take_reply(int code, std::string_view line, std::string& reply) override {
    if (asked_) return code == words_.go_ahead ? Step::kBeginTls : no_start_tls(line);
    // RFC 959: it says again when it is ready.
    if (code == 120 && words_.free_lines) return Step::kRead;
    if (is_refusal(code)) return no_start_tls(line);
    if (code != words_.greeting && code != words_.other_greeting) return not_the_protocol(line);
    reply += words_.command;
    asked_ = true;
    return Step::kRead;
  }

  const Words words_;
  bool asked_ = false;
};

}  // namespace

std::unique_ptr<StartTlsDialog> make_smtp_dialog() {
  return std::make_unique<SmtpDialog>();
}

std::unique_ptr<StartTlsDialog> make_ftp_dialog() {
  return std::make_unique<CommandDialog>(CommandDialog::Words{.greeting = 220,
                                                              .other_greeting = 0,
                                                              .command = "AUTH TLS\r\n",
                                                              .go_ahead = 234,
                                                              .free_lines = true});
}

std::unique_ptr<StartTlsDialog> make_nntp_dialog() {
  return std::make_unique<CommandDialog>(CommandDialog::Words{.greeting = 200,
                                                              .other_greeting = 201,
                                                              .command = "STARTTLS\r\n",
                                                              .go_ahead = 382,
                                                              .free_lines = false});
}

}  // namespace muster::tls

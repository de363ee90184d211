// What all dialogs before TLS share: what came and was not taken yet, the bound of it, and how it
// ended. One owner, one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/probes/tls/starttls.h"

namespace muster::tls {

// Whatever the pieces in which bytes come, the answer is the same.
class BufferedDialog : public StartTlsDialog {
 public:
  Step receive(std::string_view bytes, std::string& reply) final;
  const std::string& detail() const final { return detail_; }

 protected:
  // Takes one message off the front of `rest`. Unset: it is not whole yet, and nothing was taken.
  virtual std::optional<Step> take(std::string_view& rest, std::string& reply) = 0;

  // End with a sentence, made printable.
  Step end(Step step, std::string_view detail);
  Step no_start_tls(std::string_view detail) { return end(Step::kNoStartTls, detail); }
  Step not_the_protocol(std::string_view detail) { return end(Step::kNotTheProtocol, detail); }

 private:
  std::string buffer_;
  size_t taken_ = 0;
  std::string detail_;
};

// Of a protocol whose server answers with lines of text.
class LineDialog : public BufferedDialog {
 public:
  // Of one line; the longest that a protocol here lets is IMAP's.
  static constexpr size_t kMostLineBytes = size_t{8} << 10;

 protected:
  // One line without its end.
  virtual Step take_line(std::string_view line, std::string& reply) = 0;

 private:
  std::optional<Step> take(std::string_view& rest, std::string& reply) final;
};

// Takes the first word, up to a space, and that space off `text`.
std::string_view take_word(std::string_view& text);

std::unique_ptr<StartTlsDialog> make_smtp_dialog();
std::unique_ptr<StartTlsDialog> make_ftp_dialog();
std::unique_ptr<StartTlsDialog> make_nntp_dialog();
std::unique_ptr<StartTlsDialog> make_imap_dialog();
std::unique_ptr<StartTlsDialog> make_pop3_dialog();
std::unique_ptr<StartTlsDialog> make_sieve_dialog();
std::unique_ptr<StartTlsDialog> make_irc_dialog();
std::unique_ptr<StartTlsDialog> make_ldap_dialog();
std::unique_ptr<StartTlsDialog> make_postgres_dialog();
std::unique_ptr<StartTlsDialog> make_mysql_dialog();
std::unique_ptr<StartTlsDialog> make_rdp_dialog();
// `of_stream`: the namespace of who connects, "jabber:client" or "jabber:server"; a constant.
std::unique_ptr<StartTlsDialog> make_xmpp_dialog(std::string_view of_stream,
                                                 std::string_view server_name);

}  // namespace muster::tls

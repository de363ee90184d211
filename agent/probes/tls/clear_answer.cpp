#include "agent/probes/tls/clear_answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/text.h"

namespace muster::tls {
namespace {

constexpr size_t kShown = 80;

bool has(std::string_view line, std::string_view word) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::search(line.begin(), line.end(), word.begin(), word.end(),
                     [&](char a, char b) { return lower(a) == lower(b); }) != line.end();
}

std::string with_starttls(std::string_view protocol, std::string_view word) {
  return fmt::format("it answers as {}: starttls={}?", protocol, word);
}

// Servers of both begin with 220 (RFC 5321, RFC 959).
std::string smtp_or_ftp(std::string_view line) {
  if (has(line, "smtp")) return with_starttls("SMTP", "smtp");
  if (has(line, "ftp")) return with_starttls("FTP", "ftp");
  return "it answers as SMTP or FTP: starttls=smtp or starttls=ftp?";
}

// Protocol 10 of MySQL's greeting, behind four bytes of size and number.
bool is_mysql(std::string_view bytes) {
  return bytes.size() > 5 && bytes[3] == 0 && bytes[4] == 10;
}

}  // namespace

bool begins_as_tls(std::string_view bytes) {
  constexpr char kAlert = 21;
  constexpr char kHandshake = 22;
  constexpr char kMajorVersion = 3;
  if (bytes[0] != kAlert && bytes[0] != kHandshake) return false;
  return bytes.size() == 1 || bytes[1] == kMajorVersion;
}

std::string describe_clear_answer(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, bytes.find('\n'));
  if (line.starts_with("HTTP/") || has(line, "<html") || has(line, "<!doctype html"))
    return "it answers HTTP in the clear";
  if (line.starts_with("220")) return smtp_or_ftp(line);
  if (line.starts_with("* OK") || line.starts_with("* PREAUTH"))
    return with_starttls("IMAP", "imap");
  if (line.starts_with("+OK")) return with_starttls("POP3", "pop3");
  if (line.starts_with("200 ") || line.starts_with("201 ")) return with_starttls("NNTP", "nntp");
  if (line.starts_with("\"IMPLEMENTATION\"")) return with_starttls("ManageSieve", "sieve");
  if (line.starts_with("<?xml") || line.starts_with("<stream"))
    return with_starttls("XMPP", "xmpp");
  if (line.starts_with(":") && has(line, "notice")) return with_starttls("IRC", "irc");
  if (is_mysql(bytes)) return with_starttls("MySQL", "mysql");
  if (line.starts_with("SSH-")) return "it answers as SSH";
  return fmt::format("it answers '{}'", printable(bytes.substr(0, kShown), 2 * kShown));
}

}  // namespace muster::tls

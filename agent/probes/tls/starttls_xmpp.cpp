// XMPP (RFC 6120, 5). Not an XML parser: it looks for the few tags that count, and takes what XMPP
// forbids, such as a document type, for another protocol.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "agent/probes/tls/starttls_dialog.h"

namespace muster::tls {
namespace {

using Step = StartTlsDialog::Step;

// Of one tag.
constexpr size_t kMostTagBytes = size_t{8} << 10;

constexpr std::string_view kBlank = " \t\r\n";

std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    // Of a name nothing else is left out by this.
    if (byte > 0x20 && byte < 0x7f &&
        std::string_view("<>&'\"").find(c) == std::string_view::npos) {
      text += c;
    }
  }
  return text;
}

// Where the tag at the beginning of `text` ends, with its '>'; npos: not yet.
size_t end_of_tag(std::string_view text) {
  char quote = '\0';
  for (size_t i = 0; i < text.size(); ++i) {
    if (quote != '\0') {
      if (text[i] == quote) quote = '\0';
    } else if (text[i] == '\'' || text[i] == '"') {
      quote = text[i];
    } else if (text[i] == '>') {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// "stream:features" of "<stream:features xmlns='…'>", "/stream:features" of the one that closes it.
std::string_view name_of(std::string_view tag) {
  tag.remove_prefix(1);
  const size_t slash = tag.starts_with('/') ? 1 : 0;
  const size_t end = tag.find_first_of(" \t\r\n/>", slash);
  return tag.substr(0, end);
}

class XmppDialog : public BufferedDialog {
 public:
  XmppDialog(std::string_view of_stream, std::string_view server_name)
      : of_stream_(of_stream), server_name_(escaped(server_name)) {}

  std::string opening() override {
    const std::string to = server_name_.empty() ? "" : fmt::format(" to='{}'", server_name_);
    return fmt::format(
        "<?xml version='1.0'?><stream:stream{} xmlns='{}' "
        "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>",
        to, of_stream_);
  }

 private:
  enum class Awaits { kStream, kFeatures, kGoAhead, kEndOfGoAhead, kReason };

  std::optional<Step> take(std::string_view& rest, std::string& reply) override {
    const size_t begin = rest.find('<');
    const std::string_view text = rest.substr(0, begin);
    // Within elements there may be texts.
    if (awaits_ == Awaits::kStream && text.find_first_not_of(kBlank) != std::string_view::npos) {
      return not_the_protocol("what came is no stream of XMPP");
    }
    if (begin == std::string_view::npos) {
      rest = {};
      return std::nullopt;
    }
    const size_t size = end_of_tag(rest.substr(begin));
    if (std::min(size, rest.size() - begin) > kMostTagBytes) {
      return end(Step::kTooLarge, fmt::format("a tag of more than {} KiB", kMostTagBytes >> 10));
    }
    if (size == std::string_view::npos) {
      rest.remove_prefix(begin);
      return std::nullopt;
    }
    const std::string_view tag = rest.substr(begin, size);
    rest.remove_prefix(begin + size);
    return take_tag(tag, reply);
  }

  Step take_tag(std::string_view tag, std::string& reply) {
    const std::string_view name = name_of(tag);
    if (name.starts_with('!') || name.size() > 128) {
      return not_the_protocol("what came is no stream of XMPP");
    }
    if (awaits_ == Awaits::kReason) return no_start_tls(name);
    if (awaits_ == Awaits::kEndOfGoAhead) {
      return name == "/proceed" ? Step::kBeginTls : not_the_protocol("it goes on instead of TLS");
    }
    if (name == "stream:error" || name == "failure") return refusal(tag, name);
    switch (awaits_) {
      case Awaits::kStream:
        return take_stream(name);
      case Awaits::kFeatures:
        return take_feature(tag, name, reply);
      default:
        return take_go_ahead(tag, name);
    }
  }

  Step take_stream(std::string_view name) {
    if (name == "?xml") return Step::kRead;
    if (name != "stream:stream") return not_the_protocol("what came is no stream of XMPP");
    awaits_ = Awaits::kFeatures;
    return Step::kRead;
  }

  Step take_feature(std::string_view tag, std::string_view name, std::string& reply) {
    if (name == "starttls") offers_ = true;
    const bool are_none = name == "stream:features" && tag.ends_with("/>");
    if (are_none || name == "/stream:features") {
      if (!offers_) return no_start_tls("its features do not have starttls");
      reply += "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
      awaits_ = Awaits::kGoAhead;
      return Step::kRead;
    }
    if (name == "/stream:stream") return no_start_tls("it ends the stream");
    return Step::kRead;
  }

  Step take_go_ahead(std::string_view tag, std::string_view name) {
    if (name == "proceed") {
      if (tag.ends_with("/>")) return Step::kBeginTls;
      awaits_ = Awaits::kEndOfGoAhead;
      return Step::kRead;
    }
    return name == "/stream:stream" ? no_start_tls("it ends the stream")
                                    : not_the_protocol("it answers starttls with something else");
  }

  // The tag within it says why.
  Step refusal(std::string_view tag, std::string_view name) {
    if (tag.ends_with("/>")) return no_start_tls(name);
    awaits_ = Awaits::kReason;
    return Step::kRead;
  }

  const std::string_view of_stream_;
  const std::string server_name_;
  Awaits awaits_ = Awaits::kStream;
  bool offers_ = false;
};

}  // namespace

std::unique_ptr<StartTlsDialog> make_xmpp_dialog(std::string_view of_stream,
                                                 std::string_view server_name) {
  return std::make_unique<XmppDialog>(of_stream, server_name);
}

}  // namespace muster::tls

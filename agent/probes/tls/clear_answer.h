// What a server is that answers a ClientHello with no TLS, by how its first bytes look: so that an
// operator reads what to write in place of what is there. Foreign bytes; pure.
#pragma once

#include <string>
#include <string_view>

namespace muster::tls {

// Whether it begins as a record of TLS does: a handshake or an alert, version 3.x. `bytes` may be
// as short as one byte, and is at least that.
bool begins_as_tls(std::string_view bytes);

// "it answers HTTP in the clear", "it answers as SMTP: starttls=smtp?"; else the first bytes,
// printable. At most 256 bytes.
std::string describe_clear_answer(std::string_view bytes);

}  // namespace muster::tls

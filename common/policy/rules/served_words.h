// What sockets, services and certificates are called: as subjects and in sentences. All of it is
// printable and bounded, whatever the facts say. Pure; any thread.
#pragma once

#include <string>

#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/listener_facts.pb.h"
#include "muster/v1/tls_facts.pb.h"

namespace muster::policy {

// "443", "127.0.0.1:8443": a socket as a subject.
std::string socket_of(const v1::Listener& listener);
// "nginx.service :443", "an unknown process 127.0.0.1:8443".
std::string place_of_socket(const v1::Listener& listener);
// "nginx.service :443 is left alone: leave_alone lists 443".
std::string left_alone_in_words(const v1::Listener& listener);
// "dockerd :443 is in its container's network that cannot be dialled from the host".
std::string out_of_reach_in_words(const v1::Listener& listener);
// What the listener says of its state, after what it explains: ": it is silent", or nothing.
std::string because_of(const v1::Listener& listener);
// Whether it is in the network of a container.
bool is_of_container(const v1::Listener& listener);
// "nginx.service :443 shop.example.org", "192.0.2.7:443".
std::string place_of(const v1::TlsService& service, const v1::Listener* listener);
// "443/shop.example.org", "192.0.2.7:443".
std::string subject_of(const v1::TlsService& service, const v1::Listener* listener);
// Whether two sockets are of one server: of one unit, and of one file that is executed. Whoever
// only calls itself by the name of another server is none of its processes.
bool is_same_server(const v1::SocketOwner& one, const v1::SocketOwner& other);
// Whether only the host itself can reach it.
bool is_loopback(const v1::Listener& listener);

// What a certificate is called in a sentence: its common name, else its first alternative name,
// else the subject.
std::string name_of(const v1::Certificate& certificate);

// Why there was no certificate, after "it": "refuses the connection".
std::string words_of(const v1::TlsService& service);

}  // namespace muster::policy

#pragma once

#include "bytepipe/bytepipe_limits.h"
#include "bytepipe/credentials.h"
#include "crypto/web_tls.h"
#include "link/admission.h"
#include "link/bandwidth.h"
#include "link/link.h"

#include <memory>

namespace wherry::bytepipe {

/// What an Endpoint can be told at creation. The defaults are the product's.
struct EndpointConfig : link::AdmissionLimits {
    /// Which families the system can dial.
    bool ipv4 = true;
    bool ipv6 = true;
    /// What links are secured with, of those that Credentials serves; the order in which dials propose them.
    std::vector<std::string> securities{std::string(kNoiseId), std::string(kTlsId)};
    /// Links are numbered behind this one: two endpoints whose pipes have one owner have theirs apart.
    link::LinkId linksBehind{};
    Duration upgradeTimeout = kUpgradeTimeout;
    /// What limits the links of all carriers together; outlives the endpoint. nullptr: nothing.
    link::Bandwidth* bandwidth = nullptr;
    /// What is shown to those who open secure WebSockets; null: they are refused.
    std::shared_ptr<const crypto::WebCertificate> webCertificate{};
    /// Whether the owner of the pipes answers LoadWebTrust; if not, none is dialled.
    bool loadsWebTrust = false;
    /// Its pipes are circuits: addresses that lead through a relay are dialled, and no others.
    bool circuits = false;
};

} // namespace wherry::bytepipe

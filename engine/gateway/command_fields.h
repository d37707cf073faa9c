#pragma once

#include "gateway/value_fields.h"
#include "node/command.h"

/// One entry per command; a test finds the one that is missing, and the member that is missing in one.
namespace wherry::gateway {

template <>
inline constexpr auto kFields<node::SendFiles> = described("send", field("target", &node::SendFiles::target),
                                                           field("paths", &node::SendFiles::paths),
                                                           usual("wait", &node::SendFiles::wait),
                                                           usual("priority", &node::SendFiles::priority));
template <>
inline constexpr auto kFields<node::SetReceive> = described("receive", field("policy", &node::SetReceive::policy));
template <>
inline constexpr auto kFields<node::AnswerOffer> = described("answer", field("transfer", &node::AnswerOffer::transfer),
                                                             field("accept", &node::AnswerOffer::accept),
                                                             usual("reason", &node::AnswerOffer::reason),
                                                             usual("selection", &node::AnswerOffer::selection),
                                                             usual("place", &node::AnswerOffer::place),
                                                             usual("unasked", &node::AnswerOffer::unasked));
template <>
inline constexpr auto kFields<node::LookAtOffer> = described("look", field("transfer", &node::LookAtOffer::transfer),
                                                             field("place", &node::LookAtOffer::place));
template <>
inline constexpr auto kFields<node::CancelTransfer> = described("cancel-transfer",
                                                                field("transfer", &node::CancelTransfer::transfer));
template <>
inline constexpr auto kFields<node::Ping> = described("ping", field("target", &node::Ping::target),
                                                      usual("count", &node::Ping::count),
                                                      usual("wait", &node::Ping::wait));
template <>
inline constexpr auto kFields<node::Perf> = described("perf", field("target", &node::Perf::target),
                                                      usual("uploadBytes", &node::Perf::uploadBytes),
                                                      usual("downloadBytes", &node::Perf::downloadBytes),
                                                      usual("wait", &node::Perf::wait));
template <>
inline constexpr auto kFields<node::SetLimits> = described("limits", field("limits", &node::SetLimits::limits));
template <> inline constexpr auto kFields<node::SetQuiet> = described("quiet", usual("quiet", &node::SetQuiet::quiet));
template <>
inline constexpr auto kFields<node::SetPresence> = described("presence", usual("tells", &node::SetPresence::tells));
template <>
inline constexpr auto kFields<node::CancelRequest> = described("cancel-request",
                                                               field("request", &node::CancelRequest::request));
template <> inline constexpr auto kFields<node::GetStatus> = described("status");
template <> inline constexpr auto kFields<node::ListTransfers> = described("transfers");

template <>
inline constexpr auto kFields<node::TrustPeer> = described("trust", field("target", &node::TrustPeer::target));
template <>
inline constexpr auto kFields<node::UntrustPeer> = described("untrust", field("target", &node::UntrustPeer::target));
template <>
inline constexpr auto kFields<node::BlockPeer> = described("block", field("target", &node::BlockPeer::target));
template <>
inline constexpr auto kFields<node::UnblockPeer> = described("unblock", field("target", &node::UnblockPeer::target));
template <>
inline constexpr auto kFields<node::SetAlias> = described("alias", field("target", &node::SetAlias::target),
                                                          field("alias", &node::SetAlias::alias));
template <>
inline constexpr auto kFields<node::ListPeers> = described("peers", usual("after", &node::ListPeers::after));
template <>
inline constexpr auto kFields<node::SetProfile> = described("profile", field("claims", &node::SetProfile::claims));
template <>
inline constexpr auto kFields<node::SendText> = described("text", field("target", &node::SendText::target),
                                                          field("text", &node::SendText::text),
                                                          usual("wait", &node::SendText::wait));

template <>
inline constexpr auto kFields<node::ShareFiles> = described("share", field("paths", &node::ShareFiles::paths),
                                                            usual("lifetime", &node::ShareFiles::lifetime),
                                                            usual("once", &node::ShareFiles::once));
template <>
inline constexpr auto kFields<node::ListShares> = described("shares", usual("skip", &node::ListShares::skip));
template <>
inline constexpr auto kFields<node::RevokeShare> = described("revoke-share", field("share", &node::RevokeShare::share));
template <>
inline constexpr auto kFields<node::GetShare> = described("get", field("ticket", &node::GetShare::ticket),
                                                          field("policy", &node::GetShare::policy),
                                                          usual("wait", &node::GetShare::wait));

template <>
inline constexpr auto kFields<node::PauseTransfer> = described("pause-transfer",
                                                               field("transfer", &node::PauseTransfer::transfer));
template <>
inline constexpr auto kFields<node::ResumeTransfer> = described("resume-transfer",
                                                                field("transfer", &node::ResumeTransfer::transfer));
template <>
inline constexpr auto kFields<node::SetPriority> = described("priority",
                                                             field("transfer", &node::SetPriority::transfer),
                                                             field("priority", &node::SetPriority::priority));
template <>
inline constexpr auto kFields<node::SetParallelSends> = described("parallel-sends",
                                                                  field("count", &node::SetParallelSends::count));
template <>
inline constexpr auto kFields<node::SetParallelReceives> = described("parallel-receives",
                                                                     field("count", &node::SetParallelReceives::count));
template <>
inline constexpr auto kFields<node::ListHistory> = described("history", usual("limit", &node::ListHistory::limit),
                                                             usual("before", &node::ListHistory::before));
template <>
inline constexpr auto kFields<node::RetryTransfer> = described("retry-transfer",
                                                               field("entry", &node::RetryTransfer::entry));
template <>
inline constexpr auto kFields<node::ForgetHistory> = described("forget-history",
                                                               usual("entry", &node::ForgetHistory::entry));

template <>
inline constexpr auto kFields<node::ListMessages> = described("messages", field("target", &node::ListMessages::target),
                                                              usual("limit", &node::ListMessages::limit),
                                                              usual("before", &node::ListMessages::before));
template <>
inline constexpr auto kFields<node::MarkRead> = described("mark-read", field("target", &node::MarkRead::target),
                                                          field("upTo", &node::MarkRead::upTo));
template <>
inline constexpr auto kFields<node::ClearMessages> = described("clear-messages",
                                                               field("target", &node::ClearMessages::target));
template <>
inline constexpr auto kFields<node::RetryText> = described("retry-text", field("message", &node::RetryText::message),
                                                           usual("wait", &node::RetryText::wait));

template <>
inline constexpr auto
    kFields<node::AskDht> = described("dht", field("action", &node::AskDht::action),
                                      usual("protocol", &node::AskDht::protocol), field("key", &node::AskDht::key),
                                      usual("value", &node::AskDht::value), usual("ttl", &node::AskDht::ttl),
                                      usual("wait", &node::AskDht::wait), usual("by", &node::AskDht::by));
template <>
inline constexpr auto kFields<node::JoinTopic> = described("topic-join", field("topic", &node::JoinTopic::topic));
template <>
inline constexpr auto kFields<node::PublishMessage> = described("topic-publish",
                                                                field("topic", &node::PublishMessage::topic),
                                                                field("data", &node::PublishMessage::data),
                                                                usual("wait", &node::PublishMessage::wait));

} // namespace wherry::gateway

#pragma once

#include "base/closest_word.h"
#include "base/log.h"
#include "base/result.h"
#include "codec/multiaddr.h"
#include "crypto/identity.h"
#include "node/command.h"
#include "node/event.h"
#include "node/transfer_history.h"
#include "node/transfer_ledger.h"
#include "node/transfer_queue.h"

/// The words that programs on top of the engine use: commands in, events out, and the values inside them. One name for
/// each, here, so that app/ and qml/ include nothing below this floor.
namespace wherry::api {

// results, logs, words
using wherry::closestWord;
using wherry::Duration;
using wherry::Errc;
using wherry::errcName;
using wherry::Error;
using wherry::LogLevel;
using wherry::logLevelName;
using wherry::makeError;
using wherry::Result;
using wherry::toHex;
using wherry::UnixTime;

// names and addresses
using codec::Multiaddr;
using crypto::KeyNames;
using crypto::PeerId;

// commands
using node::AnswerOffer;
using node::BlockPeer;
using node::CancelRequest;
using node::CancelTransfer;
using node::Command;
using node::GetShare;
using node::GetStatus;
using node::ListHistory;
using node::ListPeers;
using node::ListShares;
using node::ListTransfers;
using node::PauseTransfer;
using node::Perf;
using node::Ping;
using node::Priority;
using node::priorityName;
using node::priorityNamed;
using node::RequestId;
using node::ResumeTransfer;
using node::RetryTransfer;
using node::RevokeShare;
using node::SendFiles;
using node::SendText;
using node::SetAlias;
using node::SetPriority;
using node::SetProfile;
using node::SetReceive;
using node::ShareFiles;
using node::Target;
using node::TrustPeer;
using node::UnblockPeer;
using node::UntrustPeer;
using peers::Claims;
using text::checkText;
using transfer::Accept;
using transfer::Conflict;
using transfer::ReceivePolicy;
using transfer::TransferId;

// events
using node::ConnectionInfo;
using node::Event;
using node::HistoryEntry;
using node::HistoryListed;
using node::PathChanged;
using node::PathKind;
using node::PeerChanged;
using node::PeersListed;
using node::PeerView;
using node::PerfDone;
using node::PingReply;
using node::Ready;
using node::RequestDone;
using node::RequestFailed;
using node::ShareEnded;
using node::ShareInfo;
using node::SharePublished;
using node::SharesListed;
using node::StatusReport;
using node::TargetFound;
using node::TextReceived;
using node::TextSent;
using node::TransferInfo;
using node::TransferOutcome;
using node::transferOutcomeName;
using node::TransfersListed;
using node::TransferStarted;
using node::transferStateName;
using node::TransferUpdate;
using node::Warning;
using peers::DeviceKind;
using peers::deviceKindName;
using peers::FoundBy;
using peers::KnownPeer;
using peers::Trust;
using peers::trustName;
using share::ShareEnd;
using transfer::Hold;
using transfer::OfferAccepted;
using transfer::OfferDeclined;
using transfer::OfferEntry;
using transfer::OfferMade;
using transfer::NameFate;
using transfer::OfferRename;
using transfer::TakenName;
using transfer::TransferDelivered;
using transfer::TransferEvent;
using transfer::TransferFailed;
using transfer::TransferFigures;
using transfer::TransferHeld;
using transfer::TransferInterrupted;
using transfer::TransferProgress;
using transfer::TransferResumed;

} // namespace wherry::api

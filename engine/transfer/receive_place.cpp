#include "transfer/machine_limits.h"
#include "transfer/receive_machine.h"

/// How a ReceiveMachine lands an offer in another place than the policy says, because the person has chosen one.
namespace wherry::transfer {

namespace {

/// An absolute path as two of the same folder are compared: without separators at its end.
Result<std::string> folderPath(std::string path) {
    if (path.empty() || path.front() != '/' || path.find('\0') != std::string::npos)
        return makeError(Errc::InvalidArgument, "a folder is named by its whole path");
    if (path.size() > kMaxFolderPath) return makeError(Errc::TooLarge, "the path of the folder is too long");
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path;
}

} // namespace

/// A choice goes on for what it was made for. Anything else that nobody is asked about lands where the policy says: one
/// yes to one folder is none to what the same sender offers later.
void ReceiveMachine::onChoice(const StoreScanned& scanned, Now now) {
    m_choiceScan = {};
    for (const auto& [key, value] : scanned.rows ? *scanned.rows : std::vector<std::pair<Bytes, Bytes>>()) {
        Result<OfferChoice> choice = decodeChoice(value);
        if (!choice || key != m_place.key()) continue;
        m_choiceStored = true;
        if (choice->isExpired(now.wall) && !isPaused()) continue;
        if (choice->manifest != manifestDigest(m_offer.manifest()) && acceptedByPolicy()) continue;
        m_choice = std::move(*choice);
    }
    if (m_choice) {
        m_policy.folder = m_choice->folder;
        // To refuse what is taken there was an answer to another question.
        const bool other = m_choice->manifest != manifestDigest(m_offer.manifest());
        m_policy.conflict = other && m_choice->conflict == Conflict::Fail ? m_usual.conflict : m_choice->conflict;
    }
    if (m_policy.folder == m_usual.folder) return lookAtPlace();
    m_chosenPlace.want(transfer::recordKey(m_peer, m_offer.key(), m_policy.folder));
}

/// The folder that was chosen is gone, or cannot be used any more: the offer is a question again, about where it lands
/// usually. The choice stays on record: the volume may come back.
bool ReceiveMachine::losesChoice(const Result<JobValue>& traits) {
    if (!m_chosenPlace.held()) return false;
    if (traits && std::get<NameTraits>(*traits).folderThere) return false;
    m_choiceLost = true;
    m_choice.reset();
    m_known.reset();
    m_expired.reset();
    m_chosenPlace.giveBack();
    m_policy.folder = m_usual.folder;
    m_policy.conflict = m_usual.conflict;
    return true;
}

bool ReceiveMachine::othersWorkAt(const Bytes& place) const {
    const auto holder = m_shared.places.find(place);
    return holder != m_shared.places.end() && holder->second != m_id;
}

Result<void> ReceiveMachine::checkAnswer(const std::vector<uint32_t>& selection) const {
    if (m_phase != Phase::Asking) return makeError(Errc::NotFound, "no offer waits for an answer");
    if (m_looking && m_looking->selection) return makeError(Errc::Busy, "the offer is just being accepted");
    for (const uint32_t entry : selection)
        if (entry >= m_offer.manifest().count())
            return makeError(Errc::InvalidArgument, "no entry " + std::to_string(entry));
    return {};
}

Result<void> ReceiveMachine::lookAt(uint64_t look, OfferPlace place, std::optional<std::vector<uint32_t>> selection) {
    TRY_OK(checkAnswer(selection.value_or(std::vector<uint32_t>())));
    TRY(place.folder, folderPath(std::move(place.folder)));
    Bytes key = transfer::recordKey(m_peer, m_offer.key(), place.folder);
    if (othersWorkAt(key)) return makeError(Errc::Busy, "another transfer is at work there");
    uint64_t needed = m_offer.manifest().totalBytes();
    if (selection && !selection->empty()) {
        FileBook wanted(m_offer.manifest());
        TRY_OK(wanted.select(*selection));
        needed = wanted.bytes();
    } else if (!selection) {
        needed = 0; // whoever asks chooses yet what to take
    }
    endLook(makeError(Errc::Cancelled, "another place has been asked about"));
    ReceivePolicy policy = m_policy;
    policy.folder = m_usual.folder;
    m_looking.emplace(Looking{look,
                              PlaceLook(m_context, m_id, m_offer.manifest(), m_shared.reserved, std::move(policy),
                                        std::move(place), std::move(key), needed, isPaused()),
                              std::move(selection)});
    return {};
}

void ReceiveMachine::onLooked(link::StreamIo& io, Now now) {
    if (!m_looking->look.decided()) return;
    Looking looked = std::move(*m_looking);
    m_looking.reset();
    OfferPlaced placed;
    looked.look.tell(placed);
    placed.look = looked.number;
    placed.transfer = m_id;
    if (!placed.error && othersWorkAt(looked.look.recordKey()))
        placed.error = makeError(Errc::Busy, "another transfer is at work there");
    const bool accepted = looked.selection && !placed.error;
    m_context.out.placed(std::move(placed));
    if (!accepted) return;
    land(looked.look);
    accept(*looked.selection, now);
    settle(io, now);
}

/// What was looked at becomes the place of the offer.
void ReceiveMachine::land(PlaceLook& look) {
    m_policy = look.policy();
    m_offer.setNames(look.takeNames());
    m_chosenNames = look.place().names;
    m_known = look.takeKnown();
    m_expired = look.takeExpired();
    if (m_known) m_known->deliveredSeconds = 0;
    m_chosenPlace.giveBack();
    if (look.recordKey() == m_place.key()) return;
    m_chosenPlace.want(look.recordKey());
    m_chosenPlace.take(m_id);
}

void ReceiveMachine::endLook(const Error& error) {
    if (!m_looking) return;
    OfferPlaced placed;
    placed.look = m_looking->number;
    placed.transfer = m_id;
    placed.error = error;
    m_context.out.placed(std::move(placed));
    m_looking.reset();
}

/// Also of a choice that is gone on with: it lives as long as somebody comes back for it.
void ReceiveMachine::rememberChoice(Now now) {
    const OfferPlace place{m_policy.folder, m_policy.conflict, m_chosenNames};
    if (place == m_usual) {
        if (m_choiceStored) m_context.out.erase(Space::Choices, m_place.key());
        return;
    }
    OfferChoice choice = OfferChoice::of(place, m_offer.manifest());
    choice.touchedSeconds = now.wall.seconds();
    m_context.out.put(Space::Choices, m_place.key(), encodeChoice(choice), partsExpiry(now.wall));
}

} // namespace wherry::transfer

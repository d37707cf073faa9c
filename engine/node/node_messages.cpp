#include "base/overloaded.h"
#include "node/node_parts.h"

/// Texts that go and come meet the conversations.
namespace wherry::node {

using crypto::PeerId;

void Node::Parts::carryOut(RequestId id, SendText command, Now now) {
    const PeerId peer = command.target.peer;
    dialer.learn(peer, command.target.addresses);
    if (peer == self)
        return emit(RequestFailed{id, makeError(Errc::InvalidArgument, "this is the key of this device")});
    if (const auto good = text::checkText(command.text); !good) return emit(RequestFailed{id, good.error()});
    const auto [number, message] = people.messages.onSending(peer, command.text, now.wall);
    beginText({id, number}, peer, message, std::move(command.text), command.wait, now);
}

void Node::Parts::beginText(People::Outgoing what, const PeerId& peer, const text::MessageId& message, std::string words,
                            Duration wait, Now now) {
    people.texts[people.text.send(peer, std::move(words), wait, now, message)] = what;
}

void Node::Parts::on(const text::TextSent& event, Now) {
    const auto asked = people.texts.extract(event.id);
    if (!asked) return;
    people.messages.onSent(asked.mapped().number);
    emit(TextSent{asked.mapped().request, event.peer, event.message});
}

void Node::Parts::on(const text::TextFailed& event, Now) {
    const auto asked = people.texts.extract(event.id);
    if (!asked) return;
    people.messages.onFailed(asked.mapped().number, event.error);
    emit(RequestFailed{asked.mapped().request, event.error});
}

void Node::Parts::on(text::TextReceived event, Now) {
    people.messages.onReceived(event);
    tellPeer(event.peer);
    emit(TextReceived{std::move(event)});
}

/// What a list shows of it has changed.
void Node::Parts::tellPeer(const PeerId& peer) {
    if (const peers::KnownPeer* known = people.book.find(peer)) emit(PeerChanged{viewOf(*known)});
}

void Node::Parts::forgetMessages(const PeerId& peer) {
    people.messages.clear(peer);
    tellPeer(peer);
}

void Node::Parts::carryOut(RequestId id, ListMessages command, Now) {
    if (const auto may = people.messages.mayAsk(); !may) return emit(RequestFailed{id, may.error()});
    people.messages.list(command, id);
}

void Node::Parts::carryOut(RequestId id, RetryText command, Now) {
    if (const auto may = people.messages.mayAsk(); !may) return emit(RequestFailed{id, may.error()});
    people.messages.retry(command, id);
}

void Node::Parts::carryOut(RequestId id, MarkRead command, Now) {
    if (people.messages.markRead(command.target.peer, command.upTo)) tellPeer(command.target.peer);
    emit(RequestDone{id});
}

void Node::Parts::carryOut(RequestId id, ClearMessages command, Now) {
    forgetMessages(command.target.peer);
    emit(RequestDone{id});
}

bool Node::Parts::settleMessages(Now now) {
    bool more = false;
    while (auto news = people.messages.poll()) {
        std::visit(Overloaded{[&](ResendText& found) {
                                  if (life != Life::Running) {
                                      const Error why = makeError(Errc::Cancelled, "the node is shutting down");
                                      people.messages.onFailed(found.number, why);
                                      return emit(RequestFailed{found.request, why});
                                  }
                                  beginText({found.request, found.number}, found.peer, found.id, std::move(found.text),
                                            found.wait, now);
                              },
                              [&](auto& what) { emit(std::move(what)); }},
                   *news);
        more = true;
    }
    return more;
}

} // namespace wherry::node

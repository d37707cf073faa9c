#pragma once

#include "api/types.h"

#include <QObject>
#include <set>

namespace wherry::desktop {

class EngineSession;

/// With whom the person has had to do by an act of his own: has sent, written or fetched something, or said yes. Anybody
/// who reaches this device can offer or write to it, and is in the list of devices then; that alone makes nobody one of
/// the person's. Read from the history and the conversations, and from what happens meanwhile.
class Acquaintances final : public QObject {
    Q_OBJECT

  public:
    Acquaintances(EngineSession& engine, QObject* parent);

    bool has(const api::PeerView& view) const;
    /// Looks once whether the person has written to it.
    void lookAt(const api::PeerView& view);

  signals:
    void added(const wherry::api::PeerId& peer);

  private:
    void onEvent(const api::Event& event);
    void readHistory(uint64_t before, int pages);
    void add(const api::PeerId& peer);

    EngineSession& m_engine;
    std::set<api::PeerId> m_met;
    std::set<api::PeerId> m_lookedAt;
};

} // namespace wherry::desktop

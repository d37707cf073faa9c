#pragma once

#include "api/types.h"
#include "desktop/notifier.h"

namespace wherry::desktop {

class App;
class Offer;

/// Tells a person who does not look at the window what has happened: offers, ends of transfers, texts. A notification
/// never accepts anything: "Accept..." brings the question to the screen, where it counts its moment like any other.
/// To decline takes no looking.
class Attention final : public QObject {
    Q_OBJECT

  public:
    Attention(App& app, Notifier& notifier, QObject* parent = nullptr);

    /// Whether the person sees the window. What is seen there is not told, and questions that were told are withdrawn.
    void setWatched(bool watched);

  signals:
    void windowWanted();

  private:
    void onOffer(Offer* offer);
    void onEnded(const api::TransferEvent& how);
    void onText(const QString& peerName);
    void onChosen(const QString& key, const QString& action);
    void tell(const Notification& notification);

    App& m_app;
    Notifier& m_notifier;
    bool m_watched = false;
};

} // namespace wherry::desktop

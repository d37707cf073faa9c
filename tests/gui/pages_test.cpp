// Every page and dialog, with what real engines have told it, light and dark, in three sizes: drawn into the folder
// WHERRY_PICTURES for people to look at (tests/gui/pictures FOLDER does), and looked at here for what is blank, cut
// off, laid over something else, unreadable, or out of reach of the keyboard and of a screen reader. A page more is one
// line in kPages.
#include "accessibility_walk.h"
#include "crypto/identity.h"
#include "gui/app_window.h"
#include "layout_walk.h"

#include <QDir>
#include <QSet>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

namespace {

constexpr QSize kSizes[] = {{390, 844}, {800, 600}, {1280, 800}};
constexpr const char* kThemes[] = {"light", "dark"};
constexpr int kNoticeMs = 20'000; // longer than any notice stands there by itself
constexpr int kRestMs = 3000; // until a fault counts: several times the longest animation

/// Two people; what is looked at is `shown`, a window of one of them.
struct Stage {
    AppWindow& anna() { return window(m_anna, pair.anna); }
    AppWindow& bert() { return window(m_bert, pair.bert); }
    QString bertId() { return pair.anna.app.peers()->index(0, 0).data(PeersModel::PeerIdRole).toString(); }
    /// Pictures of a holiday, with names as people have them.
    QList<QUrl> album(int pictures = 40) {
        for (int i = 0; i < pictures; ++i)
            pair.anna.make(QStringLiteral("Holiday/Day %1/IMG_%2.jpg").arg(i % 5).arg(4000 + i),
                           QByteArray(i * 997 + 1, 'p'));
        return {QUrl::fromLocalFile(pair.anna.folder.filePath("Holiday")),
                QUrl::fromLocalFile(pair.anna.make("Report of the second quarter.pdf", QByteArray(1'234'567, 'r')))};
    }
    bool offer(const QList<QUrl>& urls) {
        pair.anna.app.draft()->sendNow(bertId(), urls, {});
        return pair.asked() && QTest::qWaitFor([this] { return pair.anna.app.transfers()->count() > 0; }, kPatienceMs);
    }

    DesktopPair pair;
    std::vector<std::unique_ptr<DesktopSide>> others;
    AppWindow* shown = nullptr;

  private:
    AppWindow& window(std::unique_ptr<AppWindow>& which, DesktopSide& side) {
        qputenv("HOME",
                QFile::encodeName(QFileInfo(side.folder.path()).canonicalFilePath())); // folders as people have them
        if (!which) which = std::make_unique<AppWindow>(side.app);
        shown = which.get();
        return *which;
    }

    std::unique_ptr<AppWindow> m_anna; // after the pair: a window goes before its app
    std::unique_ptr<AppWindow> m_bert;
};

// --- the pages: each brings the stage to where its picture is taken; false: it did not get there
// ---------------------------------------------

bool nobodyYet(Stage& stage) {
    stage.anna();
    return true;
}

bool devices(Stage& stage) {
    stage.anna();
    return introduce(stage.pair);
}

bool device(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    auto* page = stage.anna().window->findChild<QQuickItem*>("peersPage");
    return page && page->setProperty("selected", stage.bertId());
}

/// Of a device that Anna knows; nothing while she does not.
QVariant ofPeer(Stage& stage, const QString& peerId, int role) {
    const PeersModel* peers = stage.pair.anna.app.knownPeers();
    for (int row = 0; row < peers->rowCount(); ++row)
        if (peers->index(row, 0).data(PeersModel::PeerIdRole) == peerId) return peers->index(row, 0).data(role);
    return {};
}

/// One more device that Anna knows; empty: she does not.
QString meet(Stage& stage, const std::string& alias) {
    App& anna = stage.pair.anna.app;
    stage.others.push_back(std::make_unique<DesktopSide>(alias));
    App& other = stage.others.back()->app;
    if (!stage.others.back()->start()) return {};
    anna.draft()->setText("hello");
    if (!anna.draft()->sendToTarget(other.addresses().value(0))) return {};
    const bool known = QTest::qWaitFor(
        [&] {
            return other.knownPeers()->unread() == 1 &&
                   ofPeer(stage, other.peerId(), PeersModel::ClaimedNameRole) == QString::fromStdString(alias);
        },
        kPatienceMs);
    return known ? other.peerId() : QString();
}

/// Beside Bert's, which is trusted: one that is gone, one that is blocked, one with his name, one with a long name.
bool manyDevices(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    stage.pair.anna.app.setTrusted(stage.pair.bert.app.peerId(), true);
    const QString gone = meet(stage, "Old tablet");
    stage.others.clear();
    const QString blocked = meet(stage, "Somebody at the café");
    const QString doubtful = meet(stage, "Bert's desktop");
    if (gone.isEmpty() || blocked.isEmpty() || doubtful.isEmpty() ||
        meet(stage, "The workstation in the laboratory on the second floor").isEmpty())
        return false;
    stage.pair.anna.app.peers()->setShowsBlocked(true);
    stage.pair.anna.app.setBlocked(blocked, true);
    stage.anna();
    return QTest::qWaitFor(
        [&] {
            return ofPeer(stage, gone, PeersModel::PathRole).toString().isEmpty() &&
                   ofPeer(stage, blocked, PeersModel::BlockedRole).toBool() &&
                   ofPeer(stage, doubtful, PeersModel::DoubtfulNameRole).toBool();
        },
        kPatienceMs);
}

/// Four that have written unasked, folded; and what is on its way to Bert.
bool strangers(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    stage.anna();
    App& anna = stage.pair.anna.app;
    for (const char* alias : {"Newcomer", "Phone 5", "Guest", "Somebody at the café"}) {
        stage.others.push_back(std::make_unique<DesktopSide>(alias));
        App& other = stage.others.back()->app;
        if (!stage.others.back()->start()) return false;
        other.draft()->setText("hello");
        const int before = anna.others()->count();
        if (!other.draft()->sendToTarget(anna.addresses().value(0)) ||
            !QTest::qWaitFor([&] { return anna.others()->count() == before + 1; }, kPatienceMs))
            return false;
    }
    return stage.offer(stage.album());
}

bool strangersShown(Stage& stage) {
    return strangers(stage) && stage.anna().settled() &&
           QTest::qWaitFor([&] { return stage.anna().click("Show") && stage.anna().button("Hide"); }, kPatienceMs);
}

/// Something moves to Bert's, for minutes.
bool deviceBusy(Stage& stage);

/// Of the one that bears his name.
bool deviceInDoubt(Stage& stage) {
    auto* page = manyDevices(stage) ? stage.anna().window->findChild<QQuickItem*>("peersPage") : nullptr;
    return page && page->setProperty("selected", stage.others.at(1)->app.peerId());
}

bool draft(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    stage.anna();
    stage.pair.anna.app.draft()->add(stage.album());
    return QTest::qWaitFor([&] { return stage.pair.anna.app.draft()->count() == 2; }, kPatienceMs);
}

bool draftAmongMany(Stage& stage) {
    if (!manyDevices(stage)) return false;
    stage.pair.anna.app.draft()->add(stage.album());
    return QTest::qWaitFor([&] { return stage.pair.anna.app.draft()->count() == 2; }, kPatienceMs);
}

bool draftOfText(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    stage.anna();
    stage.pair.anna.app.draft()->setText("The train is at 9:41 from platform 7.\nhttps://example.org/timetable");
    return true;
}

bool dragOver(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    QMimeData content;
    content.setUrls(stage.album());
    const QSize size = stage.anna().window->size();
    stage.anna().hover(QPoint(size.width() - 20, size.height() - 20), content);
    return true;
}

bool question(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    stage.bert();
    return stage.offer(stage.album()) &&
           QTest::qWaitFor([&] { return stage.pair.bert.app.offers()->current()->armed(); }, kPatienceMs);
}

bool questionWithOddNames(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    stage.bert();
    QList<QUrl> urls{QUrl::fromLocalFile(stage.pair.anna.make("<b>bold & <img src=x>.txt", "1")),
                     QUrl::fromLocalFile(stage.pair.anna.make(QString(120, QLatin1Char('n')) + ".pdf", "2")),
                     QUrl::fromLocalFile(stage.pair.anna.make(QStringLiteral("\u202egpj.exe"), "3")),
                     QUrl::fromLocalFile(stage.pair.anna.make("setup/.bashrc", "4"))};
    return stage.offer(urls) &&
           QTest::qWaitFor([&] { return stage.pair.bert.app.offers()->current()->armed(); }, kPatienceMs);
}

/// Those that need a second look alone.
bool questionWithMarkedOnes(Stage& stage) {
    return questionWithOddNames(stage) && stage.bert().settled() &&
           QTest::qWaitFor([&] { return stage.bert().click("Only marked") && stage.bert().button("Show all"); },
                           kPatienceMs);
}

/// Forty folders one in the other, and two more offers behind this one.
bool questionsThatWait(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    stage.bert();
    QString path = "Archive";
    for (int i = 0; i < 40; ++i) path += QStringLiteral("/Folder number %1").arg(i);
    stage.pair.anna.make(path + "/The last one.txt", "1");
    OffersModel* offers = stage.pair.bert.app.offers();
    int waiting = 0;
    for (const QUrl& url : {QUrl::fromLocalFile(stage.pair.anna.folder.filePath("Archive")), stage.album().at(1),
                            QUrl::fromLocalFile(stage.pair.anna.make("Passport.pdf", noise(150'000)))}) {
        stage.pair.anna.app.draft()->sendNow(stage.bertId(), {url}, {});
        ++waiting;
        if (!QTest::qWaitFor([&] { return offers->count() == waiting; }, kPatienceMs)) return false;
    }
    return QTest::qWaitFor([&] { return offers->current()->armed(); }, kPatienceMs);
}

/// Another folder, where a name is taken, and other names.
bool questionElsewhere(Stage& stage) {
    if (!question(stage)) return false;
    QDir(stage.pair.bert.folder.path()).mkpath("Pictures of this year/Norway");
    Offer* offer = stage.pair.bert.app.offers()->current();
    offer->setFolder(QUrl::fromLocalFile(stage.pair.bert.folder.filePath("Pictures of this year")));
    offer->rename(0, "Norway");
    offer->files()->setChosen(2, false);
    return QTest::qWaitFor([&] { return !offer->looking(); }, kPatienceMs) && !offer->takenText().isEmpty();
}

bool questionThatCannotBeTaken(Stage& stage) {
    if (!question(stage)) return false;
    Offer* offer = stage.pair.bert.app.offers()->current();
    offer->setFolder(QUrl::fromLocalFile(stage.pair.bert.folder.filePath("home")));
    return QTest::qWaitFor([&] { return !offer->looking() && !offer->problem().isEmpty(); }, kPatienceMs);
}

bool questionWhileRenaming(Stage& stage) {
    if (!question(stage)) return false;
    auto* list = stage.bert().window->findChild<QQuickItem*>("offerFiles");
    if (!list || !QTest::qWaitFor([&] { return list->isVisible() && list->window(); }, kPatienceMs)) return false;
    list->forceActiveFocus(Qt::TabFocusReason);
    QTest::keyClick(stage.bert().window, Qt::Key_F2);
    return stage.bert().window->activeFocusItem()->inherits("QQuickTextInput");
}

bool blocking(Stage& stage) {
    return question(stage) && QTest::qWaitFor([&] { return stage.bert().click("Block…"); }, kPatienceMs) &&
           QTest::qWaitFor([&] { return stage.bert().button("Block") != nullptr; }, kPatienceMs);
}

bool trusting(Stage& stage) {
    return question(stage) && QTest::qWaitFor([&] { return stage.bert().click("Trust…"); }, kPatienceMs) &&
           QTest::qWaitFor([&] { return stage.bert().button("Trust") != nullptr; }, kPatienceMs);
}

bool noTransfers(Stage& stage) {
    stage.anna().go("Transfers");
    return true;
}

bool transfers(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    stage.anna().go("Transfers");
    return stage.offer(stage.album());
}

bool answerWithYes(Stage& stage) {
    Offer* offer = stage.pair.bert.app.offers()->current();
    offer->arm();
    if (!QTest::qWaitFor([&] { return offer->armed(); }, kPatienceMs)) return false;
    offer->accept();
    return true;
}

/// Something has arrived and more is to come: so many bytes at so many Mbit/s.
bool startMoving(Stage& stage, int bytes, double megabits) {
    if (!transfers(stage)) return false;
    App& anna = stage.pair.anna.app;
    App& bert = stage.pair.bert.app;
    anna.bandwidth()->set(megabits, 0, 0, 0, true);
    stage.pair.anna.make("Holiday/film.mp4", noise(bytes));
    anna.transfers()->cancelAll();
    if (!QTest::qWaitFor([&] { return anna.transfers()->count() == 0 && !bert.offers()->current(); }, kPatienceMs) ||
        !stage.offer({QUrl::fromLocalFile(stage.pair.anna.folder.filePath("Holiday"))}) || !answerWithYes(stage))
        return false;
    const auto hasBegun = [&] {
        const auto cells = bert.transferList()->index(0, 0).data(TransfersModel::VerifiedRole).value<QList<int>>();
        return cells.contains(255) && cells.contains(0);
    };
    return QTest::qWaitFor(hasBegun, kPatienceMs);
}

/// Held half way, so that every picture is of the same moment.
bool transfersMoving(Stage& stage) {
    if (!startMoving(stage, 8'000'000, 4)) return false;
    App& anna = stage.pair.anna.app;
    App& bert = stage.pair.bert.app;
    const auto is = [](App& app, const char* state) {
        return app.transferList()->index(0, 0).data(TransfersModel::StateRole) == QLatin1String(state);
    };
    anna.transfers()->pause(0);
    return QTest::qWaitFor([&] { return is(anna, "paused") && is(bert, "paused"); }, kPatienceMs);
}

/// With a rate and its graph; it goes on for minutes.
bool transfersRunning(Stage& stage) {
    if (!startMoving(stage, 32'000'000, 1)) return false;
    const QModelIndex moving = stage.pair.anna.app.transferList()->index(0, 0);
    return QTest::qWaitFor([&] { return moving.data(TransfersModel::RatesRole).value<QList<double>>().size() > 2; },
                           kPatienceMs);
}

bool deviceBusy(Stage& stage) {
    if (!startMoving(stage, 32'000'000, 1)) return false;
    stage.anna().go("Devices");
    return true;
}

/// The other device vanishes: this one tries again and again.
bool transfersInterrupted(Stage& stage) {
    if (!startMoving(stage, 32'000'000, 1)) return false;
    stage.pair.bert.app.stop();
    const auto tells = [](QQuickItem& item) { return item.property("text").toString().startsWith("Connection lost"); };
    return QTest::qWaitFor([&] { return stage.anna().find(tells) != nullptr; }, kPatienceMs);
}

/// What is offered is not there any more when it is accepted.
bool historyOfFailed(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    stage.anna().go("Transfers");
    const QString path = stage.pair.anna.make("Recordings/Interview with grandmother.flac", noise(150'000));
    if (!stage.offer({QUrl::fromLocalFile(path)}) || !QFile::remove(path) || !answerWithYes(stage)) return false;
    const HistoryModel* ended = stage.pair.anna.app.history();
    return QTest::qWaitFor([&] { return ended->count() == 2 && ended->index(0).data(HistoryModel::OutcomeRole) == "failed"; },
                           kPatienceMs);
}

/// The same, and another one is under way.
bool transfersFailed(Stage& stage) {
    return historyOfFailed(stage) &&
           stage.offer({QUrl::fromLocalFile(stage.pair.anna.make("Scans/Passport.pdf", noise(150'000)))});
}

bool transfersMovingIn(Stage& stage) {
    if (!transfersMoving(stage)) return false;
    stage.bert().go("Transfers");
    return true;
}

bool history(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    if (!stage.offer({QUrl::fromLocalFile(stage.pair.anna.make(QString(80, QLatin1Char('n')) + ".pdf", "2"))})) return false;
    stage.pair.bert.app.offers()->current()->decline();
    if (!QTest::qWaitFor([&] { return stage.pair.anna.app.history()->count() == 2; }, kPatienceMs)) return false;
    stage.anna().go("Transfers");
    return true;
}

/// One after the other: under way, and waiting for their turn.
bool manyTransfers(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    App& anna = stage.pair.anna.app;
    stage.anna().go("Transfers");
    if (!anna.settings()->change("transfers.max_parallel_sends", "1")) return false;
    const char* names[] = {"Letters/To the landlord.odt",
                           "Recordings/Interview with grandmother, the second afternoon.flac", "Scans/Passport.pdf"};
    int begun = 0;
    for (const char* name : names) {
        anna.draft()->sendNow(stage.bertId(), {QUrl::fromLocalFile(stage.pair.anna.make(name, noise(1'500'000)))}, {});
        ++begun;
        if (!QTest::qWaitFor([&] { return anna.transfers()->count() == begun; }, kPatienceMs)) return false;
    }
    return stage.pair.asked() != nullptr;
}

/// What arrived, what was declined, what the person has stopped.
bool manyEnded(Stage& stage) {
    if (!history(stage)) return false;
    App& anna = stage.pair.anna.app;
    for (const char* name :
         {"Recordings/Interview with grandmother, the second afternoon.flac", "Scans/Passport.pdf"}) {
        const int ended = anna.history()->count();
        if (!stage.offer({QUrl::fromLocalFile(stage.pair.anna.make(name, noise(150'000)))})) return false;
        anna.transfers()->cancelAll();
        if (!QTest::qWaitFor(
                [&] { return anna.history()->count() == ended + 1 && !stage.pair.bert.app.offers()->current(); },
                kPatienceMs))
            return false;
    }
    return true;
}

bool manyReceived(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    stage.bert().go("Transfers");
    for (const char* name :
         {"Recordings/Interview with grandmother, the second afternoon.flac", "Scans/Passport.pdf"}) {
        const int ended = stage.pair.bert.app.history()->count();
        if (!stage.offer({QUrl::fromLocalFile(stage.pair.anna.make(name, noise(150'000)))})) return false;
        if (!answerWithYes(stage)) return false;
        if (!QTest::qWaitFor([&] { return stage.pair.bert.app.history()->count() == ended + 1; }, kPatienceMs))
            return false;
    }
    return true;
}

bool historyOfReceived(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    stage.bert().go("Transfers");
    return true;
}

bool limits(Stage& stage) {
    if (!historyOfReceived(stage) || !stage.bert().settled()) return false;
    return stage.bert().click(stage.bert().window->width() < 600 ? "Limit the speed" : "Limit…") &&
           QTest::qWaitFor([&] { return stage.bert().button("Set") != nullptr; }, kPatienceMs);
}

bool runQuestion(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    stage.bert().go("Transfers");
    emit stage.pair.bert.app.history()->runQuestion(0, "installer for the new printer.exe");
    return QTest::qWaitFor([&] { return stage.bert().button("Do not open") != nullptr; }, kPatienceMs);
}

bool unread(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    App& bert = stage.pair.bert.app;
    stage.anna();
    bert.messages()->setPeerId(stage.pair.anna.app.peerId());
    for (const char* words : {"Did you get the pictures?", "They are here: https://example.org/2026/holiday?day=3"})
        if (!bert.messages()->send(words)) return false;
    return QTest::qWaitFor([&] { return stage.pair.anna.app.knownPeers()->unread() == 2; }, kPatienceMs);
}

bool conversation(Stage& stage) {
    if (!unread(stage)) return false;
    auto* page = stage.anna().window->findChild<QQuickItem*>("peersPage");
    if (!page) return false;
    QMetaObject::invokeMethod(page, "open", Q_ARG(QString, stage.bertId()), Q_ARG(bool, true));
    MessagesModel* messages = stage.pair.anna.app.messages();
    if (!QTest::qWaitFor([&] { return messages->count() == 2; }, kPatienceMs) ||
        !messages->send("Yes, all of them. The one with the <b>boat</b>\nis the best."))
        return false;
    return QTest::qWaitFor(
        [&] { return messages->index(0).data(MessagesModel::StateRole) == QLatin1String("delivered"); }, kPatienceMs);
}

bool emptyConversation(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    auto* page = stage.anna().window->findChild<QQuickItem*>("peersPage");
    return page &&
           QMetaObject::invokeMethod(page, "open", Q_ARG(QString, stage.bertId()), Q_ARG(bool, true));
}

bool quitting(Stage& stage) {
    if (!transfers(stage)) return false;
    stage.anna().window->close();
    return QTest::qWaitFor([&] { return stage.anna().button("Stay") != nullptr; }, kPatienceMs);
}

bool draftForTwo(Stage& stage) {
    if (!draft(stage)) return false;
    stage.pair.anna.app.draft()->setRecipient(stage.bertId(), true);
    return stage.anna().settled();
}

bool sharing(Stage& stage) {
    return draft(stage) && stage.anna().settled() && stage.anna().click("Share a link instead") &&
           stage.anna().settled();
}

bool ticket(Stage& stage) {
    if (!draft(stage)) return false;
    stage.pair.anna.app.shares()->publish(86400, false);
    return QTest::qWaitFor([&] { return stage.anna().button("Copy link") != nullptr; }, kPatienceMs);
}

bool shares(Stage& stage) {
    if (!introduce(stage.pair)) return false;
    stage.anna();
    SharesModel* all = stage.pair.anna.app.shares();
    for (int i = 0; i < 2; ++i) {
        stage.pair.anna.app.draft()->add({stage.album().at(i)});
        const auto gathered = [&] { return stage.pair.anna.app.draft()->count() == 1; };
        if (!QTest::qWaitFor(gathered, kPatienceMs)) return false;
        all->publish(i * 86400, i == 1);
        if (!QTest::qWaitFor([&] { return all->count() == i + 1; }, kPatienceMs)) return false;
    }
    return stage.anna().click("Close") && stage.anna().settled();
}

bool fetching(Stage& stage) {
    if (!shares(stage) || !stage.bert().settled()) return false;
    stage.pair.bert.app.pasted()->read(
        stage.pair.anna.app.shares()->index(0, 0).data(SharesModel::TicketRole).toString());
    return QTest::qWaitFor([&] { return stage.bert().button("Fetch") != nullptr; }, kPatienceMs);
}

bool wrongLink(Stage& stage) {
    stage.bert();
    stage.pair.bert.app.pasted()->read("wherry:damaged");
    return stage.bert().settled();
}

api::PeerId keyOf(uint8_t number) {
    return crypto::Identity::fromSeed(std::array<uint8_t, 32>{number}).peerId();
}

/// Anna has named this device, and it is reached so, as her engine tells of it.
void tellOfPath(Stage& stage, uint8_t number, const char* name, api::PathKind kind, api::PathReason reason,
                std::optional<api::PeerId> relay = {}, const char* why = "") {
    api::PeerView view;
    view.known.peer = keyOf(number);
    view.known.alias = name;
    view.known.claims = {name, api::DeviceKind::Laptop, {}};
    view.connection = api::ConnectionInfo{view.known.peer, kind, {}};
    view.connection->roundTrip = std::chrono::milliseconds(7 * number);
    view.connection->reason = reason;
    view.connection->relay = std::move(relay);
    view.connection->whyRelayed = why;
    emit stage.pair.anna.app.engine().event(api::PeerChanged{view});
}

/// One device for each way in which one is reached, and one that says that it is here.
bool waysToDevices(Stage& stage) {
    stage.anna();
    tellOfPath(stage, 1, "Beside me", api::PathKind::Lan, api::PathReason::SameNetwork);
    tellOfPath(stage, 2, "The workstation in the laboratory on the second floor", api::PathKind::Direct6,
               api::PathReason::Direct);
    tellOfPath(stage, 3, "At my parents'", api::PathKind::Punched, api::PathReason::DirectOverRelay);
    tellOfPath(stage, 4, "In the office", api::PathKind::Relayed, api::PathReason::OnlyWay, keyOf(2),
               "nobody has told this device where it is seen from outside");
    tellOfPath(stage, 5, "On the way", api::PathKind::Relayed, api::PathReason::DirectLost, keyOf(9));
    api::PeerView away;
    away.known.peer = keyOf(6);
    away.known.alias = "Tablet";
    away.presence = api::HeardPresence{true, {QDateTime::currentMSecsSinceEpoch() * 1'000'000}};
    emit stage.pair.anna.app.engine().event(api::PeerChanged{away});
    return stage.pair.anna.app.peers()->rowCount() == 6 && stage.anna().settled();
}

/// Why the way to a device is not a better one.
bool wayOverRelay(Stage& stage) {
    if (!waysToDevices(stage)) return false;
    auto* page = stage.anna().window->findChild<QQuickItem*>("peersPage");
    return page && page->setProperty("selected", QString::fromStdString(keyOf(4).text()));
}

/// The page of the network with this in the place of what the engine says.
bool networkAs(Stage& stage, const api::StatusReport& report) {
    stage.anna().go("Network");
    NetworkStatus* status = stage.pair.anna.app.network();
    if (!QTest::qWaitFor([&] { return status->tables()->count() > 0; }, kPatienceMs)) return false;
    status->setWatched(false);
    status->show(report);
    return stage.anna().settled();
}

bool networkInQuiet(Stage& stage) {
    stage.pair.anna.app.network()->setTellsPresence(true);
    api::StatusReport report;
    report.quiet = true;
    report.reachable = api::Verdict::Unknown;
    report.network = {{api::Subject::Multicast, api::Finding::Heard, {}}};
    report.connectionsTotal = 1;
    report.connectionsMax = 1000;
    report.connections = {{keyOf(2), api::PathKind::Lan, {}}};
    report.dht = {{"/wherry/kad/1.0.0", false, 0, 0, 0, 0}, {"/ipfs/kad/1.0.0", false, 0, 0, 0, 0}};
    return networkAs(stage, report);
}

/// As a device has it that is a relay and a server for others, and has a relay itself.
bool network(Stage& stage) {
    api::StatusReport report;
    report.reachable = api::Verdict::Unreachable;
    report.network = {{api::Subject::Mapping4, api::Finding::EndpointDependent, {}},
                      {api::Subject::Incoming4, api::Finding::Filtered, {}},
                      {api::Subject::Udp, api::Finding::Passes, {}},
                      {api::Subject::Multicast, api::Finding::Isolated, {}}};
    report.connectionsTotal = 2;
    report.connectionsMax = 1000;
    report.connections = {{keyOf(2), api::PathKind::Direct6, {}}, {keyOf(4), api::PathKind::Relayed, {}}};
    report.connections.back().relay = keyOf(2);
    report.relays = {{keyOf(2), {}, std::chrono::minutes(47), 1u << 30}, {keyOf(3), {}, std::chrono::minutes(12), 0}};
    report.relayService = {true, 23, 4, 318, 48'123'456'789};
    report.dht = {{"/wherry/kad/1.0.0", true, 57, 1, 1204, 88}, {"/ipfs/kad/1.0.0", false, 213, 0, 0, 0}};
    report.gossip = {2, 9, 1500, 1204, 4312, 0, 0};
    return networkAs(stage, report);
}

bool settings(Stage& stage) {
    stage.anna().go("Settings");
    return stage.anna().settled();
}

bool settingsWithMistakes(Stage& stage) {
    SettingsModel* all = stage.pair.anna.app.settings();
    if (!settings(stage) || !all->change("limits.max_connections", "10") || all->change("limits.upload", "1 kbit/s"))
        return false;
    stage.pair.anna.make("home/wherry.toml", "[limits]\nmax_connections = 0\n");
    if (!QTest::qWaitFor([&] { return !all->problem().isEmpty(); }, kPatienceMs)) return false;
    return !all->change("transfers.max_parallel_sends", "65");
}

/// What was typed wrongly is said below its field.
bool settingThatIsWrong(Stage& stage) {
    if (!settings(stage)) return false;
    auto* page = stage.anna().window->findChild<QQuickItem*>("settingsPage");
    QQuickItem* search = stage.anna().find(
        [](QQuickItem& item) { return item.property("label") == "Search settings" && item.inherits("QQuickTextField"); }, page);
    if (!search || !search->setProperty("text", "at a time")) return false;
    const auto field = [&] {
        return stage.anna().find(
            [](QQuickItem& item) {
                return item.property("label") == "Most transfers sent at a time" && item.inherits("QQuickTextField");
            },
            page);
    };
    if (!QTest::qWaitFor([&] { return field() && field()->isVisible(); }, kPatienceMs)) return false;
    field()->forceActiveFocus(Qt::TabFocusReason);
    QTest::keySequence(stage.anna().window, QKeySequence::SelectAll);
    QTest::keyClick(stage.anna().window, Qt::Key_6);
    QTest::keyClick(stage.anna().window, Qt::Key_5);
    QTest::keyClick(stage.anna().window, Qt::Key_Return);
    const auto isRefused = [&] { return field() && field()->property("invalid").toBool(); };
    return QTest::qWaitFor(isRefused, kPatienceMs) && field()->property("text") == "65";
}

/// Those that wait for a restart, alone.
bool settingsThatWait(Stage& stage) {
    if (!settings(stage) || !stage.pair.anna.app.settings()->change("limits.max_connections", "10")) return false;
    return QTest::qWaitFor([&] { return stage.anna().click("Show them"); }, kPatienceMs) &&
           QTest::qWaitFor([&] { return stage.anna().button("Show all") != nullptr; }, kPatienceMs);
}

struct Page {
    const char* name;
    bool (*reach)(Stage& stage);
};

constexpr Page kPages[] = {
    {"devices-empty", nobodyYet},
    {"devices", devices},
    {"device", device},
    {"devices-many", manyDevices},
    {"device-in-doubt", deviceInDoubt},
    {"devices-strangers", strangers},
    {"devices-strangers-shown", strangersShown},
    {"devices-busy", deviceBusy},
    {"draft-among-many", draftAmongMany},
    {"draft", draft},
    {"draft-text", draftOfText},
    {"drag", dragOver},
    {"question", question},
    {"question-odd-names", questionWithOddNames},
    {"question-marked-ones", questionWithMarkedOnes},
    {"questions-waiting", questionsThatWait},
    {"question-elsewhere", questionElsewhere},
    {"question-problem", questionThatCannotBeTaken},
    {"question-renaming", questionWhileRenaming},
    {"question-block", blocking},
    {"question-trust", trusting},
    {"transfers-empty", noTransfers},
    {"draft-for-several", draftForTwo},
    {"share", sharing},
    {"ticket", ticket},
    {"shares", shares},
    {"fetch", fetching},
    {"wrong-link", wrongLink},
    {"devices-ways", waysToDevices},
    {"device-relayed", wayOverRelay},
    {"network", network},
    {"network-quiet", networkInQuiet},
    {"settings", settings},
    {"settings-mistakes", settingsWithMistakes},
    {"setting-wrong", settingThatIsWrong},
    {"settings-pending", settingsThatWait},
    {"transfers-asked", transfers},
    {"transfers-sending", transfersMoving},
    {"transfers-receiving", transfersMovingIn},
    {"transfers-running", transfersRunning},
    {"transfers-interrupted", transfersInterrupted},
    {"transfers-failed", transfersFailed},
    {"history-failed", historyOfFailed},
    {"history-sent", history},
    {"history-received", historyOfReceived},
    {"transfers-several", manyTransfers},
    {"history-several", manyEnded},
    {"history-received-several", manyReceived},
    {"limits", limits},
    {"run-question", runQuestion},
    {"devices-unread", unread},
    {"conversation", conversation},
    {"conversation-empty", emptyConversation},
    {"quit", quitting},
};

bool isBlank(const QImage& picture) {
    QSet<QRgb> colours;
    for (int y = 0; y < picture.height(); y += 4)
        for (int x = 0; x < picture.width(); x += 4) colours.insert(picture.pixel(x, y));
    return colours.size() < 8;
}

} // namespace

class PagesTest : public QObject {
    Q_OBJECT
  private slots:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }
    void everyPageIsWhole_data() { rows(); }
    void everyPageIsWhole();
    void everyPageIsReachedByKeyboardAndScreenReader_data() { rows(); }
    void everyPageIsReachedByKeyboardAndScreenReader();

  private:
    static QStringList lastingFaults(const AppWindow& window, QImage& picture);
    static void rows() {
        QTest::addColumn<int>("which");
        for (int i = 0; i < static_cast<int>(std::size(kPages)); ++i) QTest::newRow(kPages[i].name) << i;
    }
};

/// What moves or fades comes to rest: only what is wrong for longer is wrong.
QStringList PagesTest::lastingFaults(const AppWindow& window, QImage& picture) {
    QStringList faults;
    const bool whole = QTest::qWaitFor(
        [&] {
            if (!window.settled()) return false;
            picture = window.window->grabWindow();
            faults = tests::layoutFaults(*window.window, picture);
            if (isBlank(picture)) faults << "blank";
            return faults.isEmpty();
        },
        kRestMs);
    return whole ? QStringList() : faults;
}

void PagesTest::everyPageIsWhole() {
    QFETCH(int, which);
    Stage stage;
    QVERIFY(stage.pair.start());
    QVERIFY(kPages[which].reach(stage));
    const QDir folder(qEnvironmentVariable("WHERRY_PICTURES", QDir::tempPath()));
    QVERIFY(folder.mkpath("."));
    QStringList faults;
    for (const QSize size : kSizes) {
        for (const char* theme : kThemes) {
            stage.shown->setTheme(QString::fromLatin1(theme));
            QVERIFY(stage.shown->resize(size));
            const QString name =
                QStringLiteral("%1-%2x%3-%4").arg(kPages[which].name).arg(size.width()).arg(size.height()).arg(theme);
            QImage picture;
            for (const QString& fault : lastingFaults(*stage.shown, picture)) faults << name + ": " + fault;
            QCOMPARE(picture.size(), size);
            QVERIFY(picture.save(folder.filePath(name + ".png")));
        }
    }
    QCOMPARE(stage.shown->warnings, QStringList());
    QVERIFY2(faults.isEmpty(), qPrintable('\n' + faults.join('\n')));
}

void PagesTest::everyPageIsReachedByKeyboardAndScreenReader() {
    QFETCH(int, which);
    Stage stage;
    QVERIFY(stage.pair.start());
    QVERIFY(kPages[which].reach(stage));
    // A notice that goes in the middle of the walk changes what is walked over; one that stays does not.
    const auto isToast = [](const QQuickItem& item) {
        return QByteArray(item.metaObject()->className()).startsWith("Toast");
    };
    (void)QTest::qWaitFor([&] { return !stage.shown->find(isToast); }, kNoticeMs);
    QStringList faults;
    for (const QSize size : kSizes) {
        QVERIFY(stage.shown->resize(size));
        QQuickWindow& window = *stage.shown->window;
        for (const QString& fault : tests::accessibilityFaults(window, tests::modalContent(window)))
            faults << QStringLiteral("%1: ").arg(size.width()) + fault;
    }
    QVERIFY2(faults.isEmpty(), qPrintable('\n' + faults.join('\n')));
}

QTEST_MAIN(PagesTest)
#include "pages_test.moc"

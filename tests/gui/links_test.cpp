#include "gui/app_window.h"

#include <QClipboard>
#include <QGuiApplication>

using namespace wherry;
using namespace wherry::desktop;
using namespace wherry::test;

#define WAIT_FOR(condition) QVERIFY(QTest::qWaitFor([&] { return condition; }, kPatienceMs))

/// Links and several recipients, as a person uses them in the window, with real engines behind it.
class LinksTest : public QObject {
    Q_OBJECT
  private slots:
    void init() {
        pair = std::make_unique<DesktopPair>();
        QVERIFY(pair->start());
        QVERIFY(introduce(*pair));
        anna = std::make_unique<AppWindow>(pair->anna.app);
        bert = std::make_unique<AppWindow>(pair->bert.app);
        QVERIFY(anna->window && bert->window);
    }
    void cleanup() {
        QCOMPARE(anna->warnings + bert->warnings, QStringList());
        anna.reset();
        bert.reset();
        pair.reset();
    }

    void aLinkIsMadeCopiedPastedAndFetched();
    void theDialogOfALinkHasItAsACodeAndAsTextAndGoesWithIt();
    void escapeEmptiesWhatIsGatheredButNotFromUnderAQuestion();
    void whatIsGatheredIsSeenWhole();
    void theLinkOfWhatIsSharedCanBeEnded();
    void aTickSendsToTheDevicesThatHaveIt();
    void whatIsWrongWithALinkIsInSightWhereverItIsPasted_data();
    void whatIsWrongWithALinkIsInSightWhereverItIsPasted();
    void besideADraftWhatIsWrongWithALinkIsSaidInPassing();
    void filesDraggedOverTheWindowMayBeLetGoOverADevice();
    void anAddressPastedAnywhereIsADeviceAndNothingToSend_data();
    void anAddressPastedAnywhereIsADeviceAndNothingToSend();
    void anAddressPastedBesideADraftIsWhoGetsIt();
    void aWordWithAnAddressInItIsText();

  private:
    bool gather() {
        pair->anna.app.draft()->add({QUrl::fromLocalFile(pair->anna.make("note.txt", "note"))});
        return QTest::qWaitFor([&] { return anna->button("Share a link instead"); }, kPatienceMs) && anna->settled();
    }
    /// Until the button is there and takes it.
    static bool press(const AppWindow& window, const QString& text) {
        return QTest::qWaitFor([&] { return window.button(text); }, kPatienceMs) && window.settled() &&
               window.click(text);
    }

    /// Keys go to the window that is in front.
    static bool front(const AppWindow& window) {
        window.window->requestActivate();
        return QTest::qWaitFor([&] { return window.window->isActive(); }, kPatienceMs);
    }

    std::unique_ptr<DesktopPair> pair;
    std::unique_ptr<AppWindow> anna;
    std::unique_ptr<AppWindow> bert;
};

void LinksTest::aLinkIsMadeCopiedPastedAndFetched() {
    QVERIFY(gather());
    QVERIFY(press(*anna, "Share a link instead"));
    QVERIFY(press(*anna, "Make the link"));
    QVERIFY(press(*anna, "Copy link"));
    WAIT_FOR(QGuiApplication::clipboard()->text().startsWith("wherry:"));
    QVERIFY(front(*bert) && bert->settled());
    QTest::keyClick(bert->window, Qt::Key_V, Qt::ControlModifier);
    QVERIFY(press(*bert, "Fetch"));
    WAIT_FOR(contentOf(pair->bert.in("note.txt")) == "note");
    WAIT_FOR(bert->window->property("place").toInt() == 1); // where it is seen arriving
    QVERIFY(pair->bert.app.draft()->isEmpty());
}

void LinksTest::theDialogOfALinkHasItAsACodeAndAsTextAndGoesWithIt() {
    SharesModel* shares = pair->anna.app.shares();
    QVERIFY(gather());
    QVERIFY(press(*anna, "Share a link instead"));
    QVERIFY(press(*anna, "Make the link"));
    WAIT_FOR(shares->count() == 1 && anna->button("Copy link"));
    const QString ticket = shares->index(0, 0).data(SharesModel::TicketRole).toString();
    const QString share = shares->index(0, 0).data(SharesModel::ShareRole).toString();
    const auto shows = [&](const char* property, const QVariant& value) {
        return anna->find([&](QQuickItem& item) { return item.property(property) == value; });
    };
    QVERIFY(ticket.startsWith("wherry:") && shows("text", ticket));
    const QQuickItem* code = shows("rows", QVariant::fromValue(shares->qrRows(share)));
    QVERIFY(code && code->width() >= 200 && code->width() == code->height());
    QGuiApplication::clipboard()->clear();
    QVERIFY(press(*anna, "Copy link"));
    WAIT_FOR(QGuiApplication::clipboard()->text() == ticket && !anna->button("Copy link"));
    QVERIFY(press(*anna, "Show the link of note.txt"));
    WAIT_FOR(anna->button("Copy link") && shows("text", ticket));
    shares->revoke(share); // or its time is over
    WAIT_FOR(shares->count() == 0 && !anna->button("Copy link"));
}

void LinksTest::escapeEmptiesWhatIsGatheredButNotFromUnderAQuestion() {
    QVERIFY(gather());
    QVERIFY(front(*anna));
    QVERIFY(press(*anna, "Share a link instead"));
    WAIT_FOR(anna->button("Make the link"));
    QTest::keyClick(anna->window, Qt::Key_Escape);
    WAIT_FOR(!anna->button("Make the link"));
    QCOMPARE(pair->anna.app.draft()->count(), 1);
    anna->go("Settings");
    QTest::keyClick(anna->window, Qt::Key_Escape);
    QCOMPARE(pair->anna.app.draft()->count(), 1);
    anna->go("Devices");
    QTest::keyClick(anna->window, Qt::Key_Escape);
    WAIT_FOR(pair->anna.app.draft()->isEmpty());
}

void LinksTest::whatIsGatheredIsSeenWhole() {
    SendDraft* draft = pair->anna.app.draft();
    for (int i = 1; i <= 4; ++i) {
        draft->add({QUrl::fromLocalFile(pair->anna.make(QStringLiteral("note %1.txt").arg(i), "note"))});
        WAIT_FOR(draft->count() == i);
    }
    const auto list = [&] { return anna->find([](QQuickItem& item) { return item.objectName() == "draftItems"; }); };
    const auto rowsInSight = [&] {
        return list()
                   ? list()->height() * list()->property("count").toInt() / list()->property("contentHeight").toReal()
                   : 0;
    };
    WAIT_FOR(qAbs(rowsInSight() - 3.5) < 0.1); // a half one: there are more
    draft->remove(3);
    WAIT_FOR(qAbs(rowsInSight() - 3) < 0.01);
}

void LinksTest::theLinkOfWhatIsSharedCanBeEnded() {
    QVERIFY(gather());
    pair->anna.app.shares()->publish(0, false);
    QVERIFY(press(*anna, "Close"));
    WAIT_FOR(!anna->button("Close"));
    QQuickItem* end = nullptr;
    WAIT_FOR((end = anna->button("End the link of note.txt")));
    QVERIFY(front(*anna)); // somebody without a mouse
    end->forceActiveFocus(Qt::TabFocusReason);
    QTest::keyClick(anna->window, Qt::Key_Space);
    QVERIFY(press(*anna, "End it"));
    WAIT_FOR(pair->anna.app.shares()->count() == 0 && !anna->button("End the link of note.txt"));
}

void LinksTest::aTickSendsToTheDevicesThatHaveIt() {
    QVERIFY(gather());
    QQuickItem* box = nullptr;
    WAIT_FOR(
        (box = anna->find([](QQuickItem& item) { return item.property("label") == "Bert's desktop gets it too"; })));
    QVERIFY(front(*anna));
    box->forceActiveFocus(Qt::TabFocusReason);
    QTest::keyClick(anna->window, Qt::Key_Space);
    WAIT_FOR(pair->anna.app.draft()->recipients().size() == 1);
    QVERIFY(press(*anna, "Send to Bert's desktop"));
    QVERIFY(pair->asked());
}

void LinksTest::whatIsWrongWithALinkIsInSightWhereverItIsPasted_data() {
    QTest::addColumn<QSize>("size");
    QTest::newRow("narrow") << QSize(390, 600);
    QTest::newRow("middle") << QSize(800, 480);
    QTest::newRow("wide") << QSize(1280, 800);
}

void LinksTest::whatIsWrongWithALinkIsInSightWhereverItIsPasted() {
    QFETCH(QSize, size);
    QVERIFY(bert->resize(size) && front(*bert));
    bert->go("Settings");
    QGuiApplication::clipboard()->setText("wherry:damaged");
    QTest::keyClick(bert->window, Qt::Key_V, Qt::ControlModifier);
    const QString problem = pair->bert.app.pasted()->problem();
    QVERIFY(!problem.isEmpty());
    const QRectF window(0, 0, size.width(), size.height());
    const auto inSight = [&](const QQuickItem* item) {
        return item && window.contains(item->mapRectToScene(QRectF(QPointF(), item->size())));
    };
    const auto words = [&] { return bert->find([&](QQuickItem& item) { return item.property("text") == problem; }); };
    WAIT_FOR(inSight(words()) && bert->window->activeFocusItem() && inSight(bert->window->activeFocusItem()));
    QCOMPARE(bert->window->activeFocusItem()->property("text").toString(), QString("wherry:damaged"));
    QTest::keyClick(bert->window, Qt::Key_A); // whoever goes on typing is believed to mend it
    WAIT_FOR(!words() && pair->bert.app.pasted()->problem().isEmpty());
}

void LinksTest::besideADraftWhatIsWrongWithALinkIsSaidInPassing() {
    QVERIFY(gather());
    QVERIFY(front(*anna));
    QGuiApplication::clipboard()->setText("wherry:damaged");
    QTest::keyClick(anna->window, Qt::Key_V, Qt::ControlModifier);
    const QString problem = pair->anna.app.pasted()->problem();
    QVERIFY(!problem.isEmpty());
    WAIT_FOR(anna->find([&](QQuickItem& item) { return item.property("text") == problem; }));
    QCOMPARE(pair->anna.app.draft()->count(), 1);
}

void LinksTest::anAddressPastedAnywhereIsADeviceAndNothingToSend_data() {
    QTest::addColumn<QString>("page");
    QTest::addColumn<QString>("pasted");
    QTest::newRow("address, from the settings") << "Settings" << "ADDRESS";
    QTest::newRow("with spaces around it, from the transfers") << "Transfers" << " ADDRESS\n";
    QTest::newRow("peer id") << "Devices" << "PEER";
}

void LinksTest::anAddressPastedAnywhereIsADeviceAndNothingToSend() {
    QFETCH(QString, page);
    QFETCH(QString, pasted);
    QVERIFY(front(*anna));
    anna->go(page);
    QSignalSpy found(pair->anna.app.pasted(), &PastedLink::deviceFound);
    pasted.replace("ADDRESS", pair->bert.app.addresses().value(0)).replace("PEER", pair->bert.app.peerId());
    QGuiApplication::clipboard()->setText(pasted);
    QTest::keyClick(anna->window, Qt::Key_V, Qt::ControlModifier);
    WAIT_FOR(found.count() == 1);
    QCOMPARE(found.first().first().toString(), pair->bert.app.peerId());
    QVERIFY(pair->anna.app.draft()->isEmpty());
    WAIT_FOR(anna->window->findChild<QQuickItem*>("peersPage")->property("selected") == pair->bert.app.peerId());
    QCOMPARE(anna->window->property("place").toInt(), 0);
    // Damaged, it is nothing to send either.
    QGuiApplication::clipboard()->setText("/ip4/127.0.0.1/udp/1/quic-v1/p2p/damaged");
    QVERIFY(pair->anna.app.pasted()->readClipboard());
    QVERIFY(!pair->anna.app.pasted()->problem().isEmpty());
    QVERIFY(pair->anna.app.draft()->isEmpty());
}

void LinksTest::anAddressPastedBesideADraftIsWhoGetsIt() {
    QVERIFY(gather());
    QVERIFY(front(*anna));
    QGuiApplication::clipboard()->setText(pair->bert.app.addresses().value(0));
    QTest::keyClick(anna->window, Qt::Key_V, Qt::ControlModifier);
    WAIT_FOR(pair->anna.app.draft()->recipients() == QStringList{pair->bert.app.peerId()});
    QCOMPARE(pair->anna.app.draft()->count(), 1);
    QVERIFY(pair->anna.app.draft()->text().isEmpty());
}

void LinksTest::aWordWithAnAddressInItIsText() {
    QVERIFY(front(*anna));
    const QString text = "Take " + pair->bert.app.addresses().value(0);
    QGuiApplication::clipboard()->setText(text);
    QTest::keyClick(anna->window, Qt::Key_V, Qt::ControlModifier);
    WAIT_FOR(pair->anna.app.draft()->text() == text);
}

void LinksTest::filesDraggedOverTheWindowMayBeLetGoOverADevice() {
    QMimeData content;
    content.setUrls({QUrl::fromLocalFile(pair->anna.make("note.txt", "note"))});
    const auto device = [&] {
        return anna->find([](QQuickItem& item) { return item.property("draggedOver").isValid(); });
    };
    const auto zone = [&] {
        return anna->find([](QQuickItem& item) { return item.property("headline") == "Drop here to choose who gets it"; });
    };
    WAIT_FOR(device());
    QVERIFY(anna->settled());
    const QPoint where = device()->mapToScene(QPointF(40, device()->height() / 2)).toPoint();
    anna->hover(QPoint(anna->window->width() - 3, 3), content);
    WAIT_FOR(zone() && device()->property("awaitsDrop").toBool());
    QVERIFY(anna->settled());
    QCOMPARE(device()->mapToScene(QPointF(40, device()->height() / 2)).toPoint(), where); // nothing moves away
    QDragMoveEvent move(where, Qt::CopyAction, &content, Qt::LeftButton, {});
    QCoreApplication::sendEvent(anna->window, &move);
    WAIT_FOR(device()->property("draggedOver").toBool() && zone());
    QDropEvent drop(where, Qt::CopyAction, &content, Qt::LeftButton, {});
    QCoreApplication::sendEvent(anna->window, &drop);
    QVERIFY(pair->asked());
    WAIT_FOR(!zone() && !device()->property("awaitsDrop").toBool());
}

QTEST_MAIN(LinksTest)
#include "links_test.moc"

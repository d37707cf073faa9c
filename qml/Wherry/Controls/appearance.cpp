#include "Wherry/Controls/appearance.h"

#include <QEvent>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QPalette>

namespace wherry::controls {

namespace {

QString loadTypeface() {
    QString family;
    for (const char* weight : {"Regular", "Medium", "SemiBold"}) {
        const int font = QFontDatabase::addApplicationFont(
            QStringLiteral(":/qt-project.org/imports/Wherry/Controls/fonts/WherrySans-%1.otf")
                .arg(QLatin1String(weight)));
        const QStringList families = QFontDatabase::applicationFontFamilies(font);
        if (family.isEmpty() && !families.isEmpty()) family = families.first();
    }
    return family.isEmpty() ? QGuiApplication::font().family() : family;
}

} // namespace

Appearance::Appearance(QObject* parent) : QObject(parent), m_family(loadTypeface()) {
    readPalette();
    if (qGuiApp) qGuiApp->installEventFilter(this);
}

bool Appearance::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::ApplicationPaletteChange) readPalette();
    return QObject::eventFilter(watched, event);
}

void Appearance::readPalette() {
    const QPalette palette = QGuiApplication::palette();
    const bool dark = palette.color(QPalette::WindowText).lightnessF() > palette.color(QPalette::Window).lightnessF();
    if (dark == m_dark) return;
    m_dark = dark;
    emit darkChanged();
}

} // namespace wherry::controls

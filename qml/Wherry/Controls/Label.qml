import QtQuick

// Text, never read as markup. Long lines end in an ellipsis unless wrapMode is set.
//
//   kind    Label.Caption, Small, Body, Strong, Lead, Title, Headline or Display
//   muted   second line: quieter, still AA
Text {
    id: label

    enum Kind { Caption, Small, Body, Strong, Lead, Title, Headline, Display }

    property int kind: Label.Body
    property bool muted: false

    textFormat: Text.PlainText
    color: !enabled ? Theme.inkDisabled : muted ? Theme.inkMuted : Theme.ink
    elide: wrapMode === Text.NoWrap ? Text.ElideRight : Text.ElideNone
    horizontalAlignment: Text.AlignLeft
    lineHeight: wrapMode === Text.NoWrap ? 1 : kind >= Label.Title ? 1.15 : 1.25
    font.family: Theme.family
    font.pixelSize: [Theme.captionSize, Theme.smallSize, Theme.bodySize, Theme.bodySize, Theme.leadSize, Theme.titleSize, Theme.headlineSize, Theme.displaySize][kind]
    font.weight: kind === Label.Strong ? Font.Medium : kind >= Label.Title ? Font.DemiBold : Font.Normal
    font.letterSpacing: kind >= Label.Headline ? -0.3 : 0
    // By itself a Text is silent for a screen reader.
    Accessible.role: Accessible.StaticText
    Accessible.name: text
}

"""What the approver's page says, by key; `{fields}` are filled in by the page itself.

The sentences stand here, and not in the page, so that the catalogue has them like all others.
"""

from collections.abc import Mapping

from zalo_alert.campaign.languages import LANGUAGES
from zalo_alert.language import _

SENTENCES: Mapping[str, str] = {
    "title": _("Approve an alert"),
    "page_title": _("Approve an alert · zalo-alert"),
    "other_language": _("Tiếng Việt"),
    "own_key": _("Your key: {fingerprint}"),
    "offline": _(
        "This page works without a network and sends nothing. Lost the phone? Tell an administrator at once: they revoke the key."
    ),
    "unexpected": _("Something unexpected went wrong: {what}. Close the page, open it anew, and try again."),
    "browser_insecure": _(
        "The browser lets a page opened in this way make no signatures. Save the page as a file on this device and open "
        "the file itself with Chrome, Edge or Firefox, or open it from an https address."
    ),
    "browser_old": _(
        "This browser can't make Ed25519 signatures. It takes Chrome or Edge 137, Firefox 129, Safari 17 (iOS 17), or "
        "newer: update the browser or use another. Requests can be read here all the same."
    ),
    "make_title": _("First time: make your key"),
    "make_about": _(
        "The key signs in your name. It stays in this file, locked by a passphrase that nobody else knows and nobody can recover."
    ),
    "new_passphrase": _("Passphrase, 12 characters or more"),
    "passphrase_again": _("The same once more"),
    "passphrase": _("Passphrase of your key"),
    "show_passphrase": _("Show it"),
    "suggest": _("Suggest six words"),
    "take_key": _("I have a key already"),
    "take_about": _(
        "Choose your earlier approval page (its passphrase stays: type it above), or a private key of OpenSSH, ssh-"
        "ed25519 and without a passphrase (type a new one above)."
    ),
    "key_file": _("File of the key"),
    "make_key": _("Make the key"),
    "passphrase_short": _(
        "The passphrase is too short or too simple: take 12 characters or more, not the same few again and again. "
        '"Suggest six words" gives you a good one.'
    ),
    "passphrases_differ": _("The two passphrases differ: type the same twice."),
    "passphrase_wrong": _(
        "The passphrase does not open the key: look for capitals and Vietnamese accents, and type it again. Nobody can "
        "recover it; if it is lost, have an administrator revoke the key and make a new one."
    ),
    "key_none": _("There is no key in that file: choose your earlier approval page, or a private key of OpenSSH."),
    "key_is_public": _("That is the public half of a key, which can't sign: choose the file beside it without .pub."),
    "key_page_empty": _("That page holds no key: it is the empty one. Choose the one that you saved with your key."),
    "key_damaged": _(
        "The key is damaged or was changed: use another copy of your page, or make a new key and have an administrator "
        "exchange it."
    ),
    "key_has_passphrase": _(
        "That private key has a passphrase of OpenSSH's, which a page can't open. Copy the file, take the passphrase off "
        "the copy with ssh-keygen -p -f COPY, choose the copy, then delete it."
    ),
    "key_other_kind": _("That key is of another kind: only ssh-ed25519 is accepted. Make a new key here."),
    "save_title": _("Save this page with your key"),
    "save_about": _(
        "The key exists only here until you save: without that it is gone when the page is closed. Keep the saved file on"
        " this phone, and a copy in a second safe place."
    ),
    "save_again": _(
        "Your key is ready, and can sign at once. To use this page from now on in place of the earlier one, save it."
    ),
    "save_page": _("Save the page"),
    "saved_about": _(
        "Look among the downloads for the new file, phe-duyet-….html. From now on open that file, not this page, and "
        "delete the empty page."
    ),
    "public_key": _("Your public key: send this line to an administrator"),
    "fingerprint": _("Fingerprint, to be compared by telephone:"),
    "public_about": _("The line is no secret. You can approve once an administrator has added it to the list of officers."),
    "copy": _("Copy"),
    "copied": _("Copied."),
    "copy_by_hand": _("Copying is not allowed here: the text is selected, copy it by hand."),
    "share": _("Share…"),
    "ask_title": _("1. Open the request"),
    "ask_about": _("The office sends you the file request.json. Nothing is agreed to by opening it."),
    "request_file": _("File of the request"),
    "paste": _("Paste its text instead"),
    "request_text": _("Text of the request, whole"),
    "read": _("Show the request"),
    "request_empty": _("There is nothing in it: choose the file again, or paste the whole text."),
    "request_long": _("That is longer than a request can be: is it the right file? It is called request.json."),
    "request_no_text": _("That is no text, perhaps a picture: choose the file request.json that the office sent."),
    "request_no_json": _(
        "That is no request: choose the file request.json that the office sent, or paste all of it and nothing else."
    ),
    "request_cut": _("The request is cut off or damaged: have it sent again as a file."),
    "request_is_signature": _("That is a signature and not a request: it goes to the office, not in here."),
    "request_other_type": _("That is another kind of file: ask for the file request.json of the run."),
    "request_other_format": _(
        "The request is of format {format}, which this page does not know: have a newer approval page made, and take your"
        " key over."
    ),
    "request_changed": _(
        "The request was changed after it was written, perhaps by a mail program: have it sent again as a file."
    ),
    "kind_actual": _("ACTUAL ALERT"),
    "note_actual": _("Goes to real people, as a real alert."),
    "kind_exercise": _("EXERCISE"),
    "note_exercise": _("Goes to real people, as an exercise."),
    "kind_test": _("TEST"),
    "note_test": _("Goes to real people on a list, as a test."),
    "kind_rehearsal": _("REHEARSAL: nobody is reached"),
    "note_rehearsal": _("Live settings, but the hosts are on the sending machine itself."),
    "kind_drill": _("DRILL: nobody is reached"),
    "note_drill": _("A drill workspace: messages go to the imitation of Zalo only."),
    "expired": _(
        "This alert expired at {at}, and can't be approved any more. This device says it is {now}: if that is wrong, set "
        "its clock and open the page anew."
    ),
    "no_expiry": _("When this alert expires can't be read: sign nothing, and call the office."),
    "own_request": _("You have submitted this yourself: another officer must approve it."),
    "no_key_yet": _("There is no key in this page yet: you can read, and not sign."),
    "clock_behind": _(
        "This device says it is {now}, and the request was submitted at {at}: one of the two clocks is wrong. Tell the office."
    ),
    "submitted_long_ago": _(
        "It was submitted {ago} ago: the office may not be allowed to send it any more. Ask before you sign."
    ),
    "finishes_late": _("Not everyone is reached before it expires."),
    "finishes_after_onset": _("Not everyone is reached before the danger begins."),
    "overrides": _("Rules that were passed over, and why"),
    "wording_errors": _("The words break rules, and somebody says why they may"),
    "wording_passed": _("passed, because {why}"),
    "wording_warnings": _("What may be wrong with the words"),
    "wording_more": _("and {more} more warnings"),
    "template_share": _("Template {template}: {percent} % of its words were changed."),
    "template_unknown": _("The template {template} is not in this library: read every word."),
    "template_gone": _("Guidance of the template that is gone:"),
    "people": _("Who gets it"),
    "people_count": _("{people} people"),
    "staff_first": _("of whom staff go first: {staff}"),
    "article_too": _("An article is broadcast as well, which more people than these may read."),
    "by_province": _("By province of today"),
    "nowhere": _("place unknown"),
    "alert": _("The alert"),
    "code": _("Code"),
    "submitted_by": _("Submitted by"),
    "submitted_at": _("Submitted at"),
    "moment_ago": _("{at}, {ago} ago"),
    "moment_left": _("{at}, in {left}"),
    "event": _("Hazard"),
    "event_level": _("{event}, risk level {level}"),
    "message_type": _("Kind of message"),
    "follows": _("Follows"),
    "follow_correction": _("correction of {run}, to those whom it reached"),
    "follow_all_clear": _("all-clear after {run}, to those whom it reached"),
    "references": _("Refers to"),
    "urgency": _("Urgency"),
    "effective": _("Takes effect"),
    "onset": _("Danger begins"),
    "finishes": _("All sent by"),
    "expires": _("Expires"),
    "languages": _("Languages below the Vietnamese text"),
    "checked_by": _("{language}, checked by {name}"),
    **{f"language_{code}": name for code, name in LANGUAGES.items()},
    "hosts": _("Hosts"),
    "approvers": _("Approvers needed"),
    "none": _("not known"),
    "texts": _("As people read it"),
    "read_in": _("{place} · {route}"),
    "by_template": _("Template {template}, filled in with:"),
    "more_texts": _("{more} more texts are not in the request, only their digest: ask the office to show them."),
    "correction": _("Correction, if the alert is wrong"),
    "no_correction": _("No correction is ready."),
    "all_clear": _("All-clear"),
    "words": _("Six words of this request"),
    "words_about": _("The office sees the same six words. Other words there: do not sign, your copy is another text."),
    "digest": _("Digest (SHA-256):"),
    "everything_else": _("Everything else that is signed"),
    "minutes": _("{minutes} min"),
    "hours": _("{hours} h {minutes} min"),
    "route_cs": _("consultation message"),
    "route_template": _("template message"),
    "route_phone": _("template message by phone number"),
    "route_transaction": _("transaction message"),
    "route_promotion": _("promotion message"),
    "route_broadcast": _("broadcast article"),
    "type_Alert": _("Alert: a first message"),
    "type_Update": _("Update: newer, or all-clear"),
    "type_Cancel": _("Cancel: the message before was wrong"),
    "urgency_Immediate": _("Immediate: act at once"),
    "urgency_Expected": _("Expected: within the hour"),
    "urgency_Future": _("Future: act in time"),
    "urgency_Past": _("Past: no longer needed"),
    "severity_Extreme": _("Extreme severity"),
    "severity_Severe": _("Severe"),
    "severity_Moderate": _("Moderate severity"),
    "severity_Minor": _("Minor severity"),
    "certainty_Observed": _("Observed"),
    "certainty_Likely": _("Likely"),
    "certainty_Possible": _("Possible"),
    "certainty_Unlikely": _("Unlikely"),
    "day_0": _("Sun"),
    "day_1": _("Mon"),
    "day_2": _("Tue"),
    "day_3": _("Wed"),
    "day_4": _("Thu"),
    "day_5": _("Fri"),
    "day_6": _("Sat"),
    "agree_title": _("2. Sign, if you agree"),
    "agree_about": _("If you do not agree, or anything is unclear, sign nothing and call the office."),
    "type_people": _("How many people get it, rounded?"),
    "people_hint": _("The first two figures are enough: 66 000, or 2.4 million."),
    "type_code": _("Code of the alert"),
    "people_no_number": _("That is no number: type it as 66000, 66.000 or 2.4 million."),
    "people_differ": _("{typed} is not how many people the request says: read it again above."),
    "code_differs": _("That is not the code of this alert: read it again above."),
    "sign_actual": _("Approve the ACTUAL alert and sign"),
    "sign_exercise": _("Approve the exercise and sign"),
    "sign_test": _("Approve the test and sign"),
    "sign_rehearsal": _("Approve the rehearsal and sign"),
    "sign_drill": _("Approve the drill and sign"),
    "answer_title": _("3. Send the signature back"),
    "answer_about": _("You have signed. Copy all of this text and send it to the office by any way, also by chat."),
    "signature": _("Signature"),
    "answer_next": _("The office types: zalo-alert approve {run} --signature - and pastes it."),
}

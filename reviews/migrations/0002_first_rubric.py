"""The first version of the rubric: the seven steps of S29, what S12 and S20 to S25 ask for, and the contract."""

from django.db import migrations
from django.utils import timezone

B, A = "blocking", "advice"

WEBHOOK, FUNCTION, PLUGIN = "subscription_webhook", "subscription_function", "web_plugin"

# step → (id, severity, machine check or "", title, text, canned reasons, the kinds of component it is about if not all)
RULES = {
    "log_in": [
        # S25
        ("test_account", B, "test_account", "A test account for reviewers",
         "Reviewers need a user name, a password and notes on logging in and seeing data arrive.",
         ["The test account lacks a user name or a password. Add both under Access.",
          "The notes do not say where data shows after logging in. Name the page."]),
        ("login_page", B, "login_page", "The log-in page opens",
         "The address given for the test account answers with a page.",
         ["The log-in page did not open. Check the address under Access."]),
        # S29
        ("log_in_works", B, "", "The log-in works",
         "A reviewer logs in with the test account, without a step that only you can take.",
         ["The user name or password was refused. Reset it and enter it again.",
          "The log-in asks for a second factor. Turn it off for the test account.",
          "The log-in asks to confirm a mail that reviewers cannot open. Confirm the account first."]),
    ],
    "api_key": [
        # D9
        ("api_key_setting", B, "api_key_setting", "The API key is the first setting",
         "Customers enter the API key first; it is required and secret.",
         ["The API key is not the first required setting. Move it to the top."]),
        # S29
        ("api_key_found", B, "", "The instructions lead to an API key",
         "Following the catalog's instructions alone, a reviewer gets an API key in the test account.",
         ["The instructions name a page that does not exist in the test account. Describe the way as it is today.",
          "The test account has no right to make an API key. Give it the role that customers have.",
          "The instructions do not say where the API key is. Add the way to it."]),
        # S13
        ("oauth", A, "oauth", "Enable with Segment",
         "One click instead of copying a key. Recommended; required only where the policy says so.",
         ["Enable with Segment is required for this App. Tell us how it works."]),
        # S8
        ("oauth_plan", B, "oauth_plan", "The question about Enable with Segment is answered",
         "Where a reviewer asked for your plans with Enable with Segment, an answer is there.",
         ["Please answer the question about Enable with Segment."]),
    ],
    "test_suite": [
        # S11
        ("choices", B, "choices", "Collection and processing are chosen",
         "It is said how data is collected and how it is processed.",
         ["Choose how data is collected and processed."]),
        # S10
        ("component", B, "component", "There is a component",
         "At least one component receives the data.",
         ["The App has no component. Add the one that receives the data."]),
        # D21
        ("code_saved", B, "code_saved", "The code is saved as a version",
         "What is submitted is the newest saved version of each function and web plugin.",
         ["The code was changed after the last saved version. Save it."], [FUNCTION, PLUGIN]),
        # S12
        ("suite_passed", B, "proof", "The Test Suite is green or yellow",
         "Each component passed every required case as it stands now.",
         ["A required case of the Test Suite is red. Open the run to see what was answered.",
          "The component changed after its last run. Run the Test Suite again."]),
        # S29
        ("suite_with_test_key", B, "reviewer_run", "It passes with the test account's key",
         "A reviewer runs the Test Suite with the key of the test account.",
         ["With the key of the test account the Test Suite is red. Check that the key is valid.",
          "The test account has no API key. Add it under Access."]),
        ("endpoint_answers", B, "endpoint_answers", "The endpoint answers",
         "One test event, sent just before you submit and again at pick-up, gets an answer.",
         ["The endpoint did not answer when the review began. Bring it up and submit again.",
          "The endpoint answered with a server error. See the message and mend it."], [WEBHOOK]),
        # D10
        ("https_endpoint", B, "https_endpoint", "The endpoint is a fixed HTTPS address",
         "Events are sent by POST to one address that stays, over HTTPS.",
         ["The endpoint is not reached over HTTPS. Give an HTTPS address."], [WEBHOOK]),
        # D10
        ("reads_headers", B, "", "The key and the settings are read from the headers",
         "The API key comes as Basic user name with an empty password, the other settings in X-Segment-Settings.",
         ["Changing a setting has no effect on what arrives. Read it from X-Segment-Settings."], [WEBHOOK]),
        # D11
        ("any_casing", A, "any_casing", "Any spelling of property names is accepted",
         "Customers write property names in their own way; nothing may depend on capital letters.",
         ["Events with other capital letters are refused or lose their data. Compare names without case."],
         [WEBHOOK, FUNCTION]),
        # D11, D12
        ("refuses_bad_key", A, "refuses_bad_key", "A wrong key is refused with 401 or 403",
         "The key is the only proof of origin, so a wrong one is refused; 401 and 403 are never sent again.",
         ["An event with a wrong key was accepted. Answer 401."], [WEBHOOK]),
        # D12
        ("status_codes", B, "status_codes", "Status codes mean what the contract says",
         "2xx for taken, 400 for the sender's fault, 501 for a call you do not support, 503 for later.",
         ["A call that is not supported is answered with an error. Answer 501 instead.",
          "A temporary fault is answered with 4xx, so the event is lost. Answer 503 or 429."], [WEBHOOK]),
        # D13
        ("error_messages", A, "error_messages", "Refusals explain themselves",
         "An answer of 4xx or 5xx carries a JSON message that customers can act on.",
         ["The refusals carry no message. Send a JSON body with a message."], [WEBHOOK]),
        # D34
        ("deletion", B, "deletion", "Deletion works",
         "A delete event erases everything about the user it names.",
         ["The delete event is refused. Customers have to be able to have a person's data erased.",
          "After the delete event the person's data still shows in the test account."], [WEBHOOK, FUNCTION]),
        # D16
        ("typed_errors", B, "", "The function throws the errors of the contract",
         "EventNotSupported, InvalidEventPayload, ValidationError or RetryError say what shall happen to an event.",
         ["A fault of your API that passes is no RetryError, so the event is lost. Throw RetryError.",
          "A wrong key is taken, or ends in an error of no known type. Throw ValidationError."], [FUNCTION]),
        # T14, T15
        ("code_no_secrets", B, "", "There is no secret in the code",
         "Keys and passwords are settings that each customer fills in; none is written into the code.",
         ["The code holds a key. Take it out, make it invalid, and use a setting instead."], [FUNCTION, PLUGIN]),
        ("code_as_reviewed", B, "", "Nothing runs but the reviewed code",
         "No text from elsewhere is run as code. A web plugin may load a library from your own site.",
         ["The code runs text that it has fetched. Put that code into the component itself.",
          "The plugin loads a script from a site that is not yours. Serve it from your own."], [FUNCTION, PLUGIN]),
        ("code_sends_home", B, "", "Data goes to your own service only",
         "What the code sends goes to hosts of yours or of those you name in your docs, and is what the docs say.",
         ["The code sends data to a host that the docs do not name. Name it, or send nothing there."],
         [FUNCTION, PLUGIN]),
        # T15, D24
        ("browser_no_secrets", B, "", "The web plugin gets no secret",
         "Visitors can read the settings of a web plugin, so it uses none that has to stay secret.",
         ["The plugin uses a setting that is secret. Use a public key instead."], [PLUGIN]),
        ("code_readable", A, "", "The code can be read",
         "It is source, not minified, and free of characters that cannot be seen.",
         ["The code is minified. Submit the source.",
          "The code holds characters that cannot be seen. Remove them, or write them as escapes."], [FUNCTION, PLUGIN]),
    ],
    "data_arrives": [
        # S18
        ("event_tester_used", B, "event_tester_used", "The event tester was used",
         "You added the component to a workspace and sent an event with the event tester.",
         ["Confirm that you tried the component in a workspace."]),
        # S18
        ("data_seen", B, "data_seen", "You saw the data in your own service",
         "What the event tester sent was seen to arrive.",
         ["Confirm that the data shows in your service."]),
        # S19
        ("sdk_tested", B, "sdk_tested", "It was tested with a Segment SDK",
         "Events of a real SDK went through the component.",
         ["Confirm that you tested with a Segment SDK."]),
        # S19
        ("data_seen_again", B, "data_seen_again", "You saw the SDK's data as well",
         "What the SDK sent was seen to arrive.",
         ["Confirm that the data of the SDK test shows in your service."]),
        # S29
        ("data_shows", B, "", "Data arrives where the docs say",
         "In the test account a reviewer finds each type of data where the docs say it shows.",
         ["Track events did not show where the docs say.",
          "Traits of identify calls do not show on the user's page.",
          "The docs do not say where this type of data shows. Add the place for each type."]),
        # D35
        ("replay", B, "replay", "The questions about replays are answered",
         "Where a reviewer asked: timestamps are honoured, order does not matter, the rate limit is known.",
         ["Please answer the questions about replays.",
          "Replayed events carry the time of arrival. Use the timestamp of the event."]),
    ],
    "docs_match": [
        # S20
        ("docs_partner", B, "docs_partner", "Your docs cover Segment",
         "A page on your own site explains the integration.",
         ["Add the link to your own documentation about Segment."]),
        # S20
        ("docs_segment", B, "docs_segment", "Segment's docs cover your tool",
         "There is a text or a link for Segment's documentation.",
         ["Write the text for Segment's documentation, or link to it."]),
        # S20
        ("links_reachable", B, "links_reachable", "Every documentation link opens",
         "Each link opens for everybody, without a log-in.",
         ["A documentation link does not open. Correct it or make the page public."]),
        # S29, D50
        ("docs_match", B, "", "The docs match what the test showed",
         "Steps, names of settings and supported calls are as a reviewer found them.",
         ["The docs name a setting that does not exist.",
          "The docs say that a call is supported, but the Test Suite shows 501 for it.",
          "The steps in the docs are out of date."]),
        # D34
        ("docs_deletion", A, "", "The docs say how deletion works",
         "Customers find what a deletion removes and how long it takes.",
         ["Add to the docs what happens to a person's data after a delete event."]),
        # S21
        ("launch", A, "launch", "Something is planned for the launch",
         "A blog post, a recipe or an announcement helps customers find you.",
         ["Consider a post or an announcement for the launch."]),
    ],
    "catalog_info": [
        # S22, S23
        ("description", B, "description", "A description within the limit",
         "It says what customers do with your tool and Segment, within the policy's length.",
         ["The description does not say what customers gain. Say what they do with your tool and Segment.",
          "The description is longer than allowed."]),
        # S20
        ("catalog_text", B, "catalog_text", "The catalog page has its text",
         "The page in the catalog explains the integration.",
         ["The catalog page has no text yet."]),
        # S22
        ("website", B, "website", "The website is given",
         "The listing links to the website of your tool.",
         ["Give the website of your tool."]),
        ("website_answers", B, "website_answers", "The website opens",
         "It answers just before you submit and again at pick-up.",
         ["The website did not open. Check the address."]),
        # S23, S24
        ("primary_category", B, "primary_category", "Categories within the limit",
         "One primary category, and no more others than the policy allows.",
         ["Choose the primary category."]),
        # S23
        ("support_email", B, "support_email", "An address for support",
         "Segment's support forwards inquiries to it; customers never see it.",
         ["Give an address to which support can forward inquiries."]),
        # S29
        ("info_correct", B, "", "The information is correct",
         "Name, description, links and supported calls are true and not misleading.",
         ["The description promises something the integration does not do.",
          "The name is not the one your website uses."]),
    ],
    "entry_renders": [
        # S23
        ("logo", B, "logo", "The logo",
         "An SVG with the name in it, wider than high.",
         ["The logo does not contain the name.", "The logo cannot be read on a dark ground."]),
        # S23
        ("mark", B, "mark", "The mark",
         "A square SVG without the name.",
         ["The mark contains the name. Use the symbol alone."]),
        ("entry_looked_at", B, "entry_looked_at", "You looked at the entry",
         "You looked at the catalog entry as it stands now, and it renders right.",
         ["Look at the preview of the entry once more and confirm."]),
        # S29
        ("categories_fit", B, "", "The categories fit",
         "The categories are those in which customers would look for your tool.",
         ["Another category fits better."]),
        # S29
        ("entry_renders", B, "", "The entry renders",
         "Pictures, formatting and links of the entry show as they should.",
         ["A picture does not show.", "The formatting of the description is broken."]),
    ],
}  # fmt: skip


def fill(apps, schema_editor):
    rubrics, rules = apps.get_model("reviews", "Rubric"), apps.get_model("reviews", "Rule")
    if rubrics.objects.exists():
        return
    rubric = rubrics.objects.create(state="in_force", note="The first version.", switched_on_at=timezone.now())
    written = [(step, *rule) for step, group in RULES.items() for rule in group]
    rules.objects.bulk_create(
        rules(rubric=rubric, position=10 * number, step=step, rule_id=rule_id, severity=severity, check_name=check,
              title=title, text=text, canned=canned, kinds=kinds[0] if kinds else [])
        for number, (step, rule_id, severity, check, title, text, canned, *kinds) in enumerate(written, start=1)
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

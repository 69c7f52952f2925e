"""Every page by the name of its route, and further states by names of their own.

A place is an address, or a function that takes a browser's page there and returns the answer.
"""

from tests.portrait import jpeg, portrait

CATALOGUE = "/admin/catalogue/"
ATTRIBUTION = "/admin/attribution"
LOG = "/admin/comprehensive/interactions"
RULES = "/admin/comprehensive/lead-scoring"


def follow(page, element):
    """Clicks a link or button and waits until the page it leads to is there, whole; its answer."""
    with page.expect_navigation() as navigation:
        element.click()
    return navigation.value


def opening(address: str, link: str):
    """Opens the first page that a link of the page at `address` leads to."""

    def open_it(page):
        page.goto(address)
        return page.goto(page.locator(f"main a[href*='{link}']").first.get_attribute("href"))

    return open_it


def estimate(page):
    """Asks for an estimate of two treatments and stays at the result."""
    page.goto("/enhanced-cost/")
    for number in (0, 2):
        page.locator("[name=procedures]").nth(number).check()
    with page.expect_navigation(url="**/result/*") as navigation:
        page.get_by_role("button", name="Calculate").click()
    return navigation.value


def tell(page, words: str):
    page.goto("/enhanced-ai/")
    page.get_by_label("In your own words").fill(words)
    return follow(page, page.get_by_role("button", name="See what fits"))


def recommended(page):
    return tell(page, "Acne scars and brown spots on my cheeks, but no needles please")


def nothing_recommended(page):
    return tell(page, "how do I fix my car brakes")


def photo() -> dict:
    """A photo to send."""
    return {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": jpeg(portrait(), 95)}


def measured(page):
    """Has a face measured and stays at the result."""
    page.goto("/enhanced-face/")
    page.set_input_files("#photo-file", photo())
    page.locator("[name=concerns]").first.check()
    page.locator("[name=consent]").check()
    with page.expect_navigation(url="**/result/*") as navigation:
        page.get_by_role("button", name="Measure my skin").click()
    return navigation.value


def photo_refused(page):
    page.goto("/enhanced-face/")
    drawing = {"name": "me.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}
    page.set_input_files("#photo-file", drawing)
    page.locator("[name=consent]").check()
    return follow(page, page.get_by_role("button", name="Measure my skin"))


def recording_refused(page):
    page.goto("/enhanced-ai/")
    page.get_by_text("Say it instead of typing").click()
    note = {"name": "me.ogg", "mimeType": "audio/ogg", "buffer": b"nothing to hear"}
    page.set_input_files("#recording", note)
    with page.expect_response("**/voice") as answer:
        page.get_by_role("button", name="Turn it into words").click()
    page.locator("#heard .error-summary").wait_for()
    return answer.value


TIMES = "/appointments/times?treatment=lip-filler&clinic=paris&tz=America/New_York"


def time_chosen(page):
    """A time of next week: what is to be today cannot be moved by a visitor."""
    page.goto(TIMES)
    follow(page, page.get_by_role("link", name="The week after"))
    return page.goto(page.locator("a.slot").first.get_attribute("href"))


def booked(page):
    """Books the first free time, at the pace of a person."""
    time_chosen(page)
    page.get_by_label("First name").press_sequentially("Ida", delay=800)
    page.get_by_label("E-mail", exact=True).fill("ida@example.com")
    with page.expect_navigation(url="**/result/*") as navigation:
        page.get_by_role("button", name="Book this time").click()
    return navigation.value


def booking_held(page):
    booked(page)
    return page.goto(page.get_by_role("link", name="Move or cancel").get_attribute("href"))


def booking_moved(page):
    booking_held(page)
    return page.goto(page.get_by_role("link", name="Move to").get_attribute("href"))


def booking_moved_to(page):
    booking_moved(page)
    return page.goto(page.locator("a.slot").last.get_attribute("href"))


def booking_dropped(page):
    booking_held(page)
    return page.goto(page.get_by_role("link", name="Cancel", exact=True).get_attribute("href"))


def booking_cancelled(page):
    booking_dropped(page)
    return follow(page, page.get_by_role("button", name="Cancel the appointment"))


def too_late(page):
    """The time in the address is not free."""
    address = "/appointments/details?treatment=lip-filler&clinic=paris&at=2026-01-01T03:00Z"
    return page.goto(address)


def nobody_named(page):
    page.context.clear_cookies()
    time_chosen(page)
    page.get_by_label("First name").press_sequentially("Ida", delay=800)
    return follow(page, page.get_by_role("button", name="Book this time"))


def appointment(page):
    booked(page)
    page.goto("/admin/appointments?span=month&state=booked")
    return page.goto(page.locator(".list-group-item a").first.get_attribute("href"))


def appointment_moved(page):
    """The last of the month: the first may have begun, and is moved no more."""
    appointment(page)
    page.go_back()
    page.goto(page.locator(".list-group-item a").last.get_attribute("href"))
    return page.goto(page.get_by_role("link", name="Move").get_attribute("href"))


def contact_alone(page):
    estimate(page)
    return page.goto(page.url.replace("/enhanced-cost/result/", "/contact/"))


def contact_error(page):
    estimate(page)
    page.locator("#contact form button").first.click()
    page.locator("#contact .error-summary").wait_for()


def quoted(page):
    """Asks for an estimate, gives an address, and opens the quote by its link, as somebody new."""
    page.context.clear_cookies()
    estimate(page)
    page.get_by_label("E-mail", exact=True).press_sequentially("ida@example.com", delay=170)
    page.locator("#leadlight-contact-form").get_by_role("button", name="Send").click()
    quote = page.locator("#quote a[href$='/pdf']").get_attribute("href").removesuffix("/pdf")
    page.context.clear_cookies()
    return page.goto(quote)


def quote_changed(page):
    quoted(page)
    return page.goto(page.get_by_role("link", name="Change what is in it").get_attribute("href"))


def import_looked_at(page):
    """A file that would add a treatment and change another."""
    told = (
        "slug,name,category,summary,price_low,price_high,minutes\n"
        "lip-filler,Lips,Injectables,Fuller lips.,295,420,45\n"
        "threads,Thread lift,Injectables,Lifts what sank.,450,700,60\n"
    )
    uploaded(page, told)
    page.get_by_role("heading", name="Changed").wait_for()


def import_refused(page):
    """A file with mistakes, and Excel's marks on it."""
    uploaded(page, "sep=;\nslug;minutes;colour\nlip-filler;soon;red\n")
    page.get_by_role("heading", name="What to mend").wait_for()


def uploaded(page, told: str):
    page.goto(f"{CATALOGUE}files")
    file = {"name": "list.csv", "mimeType": "text/csv", "buffer": told.encode()}
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="See what would change").click()


def clinic_error(page):
    page.goto(f"{CATALOGUE}clinics/lyon")
    page.get_by_label("Monday from").first.fill("late")
    page.get_by_role("button", name="Save").last.click()
    page.locator("#hours-monday-error").wait_for()


def rule_in_hand(page):
    """A draft with a rule just added, of which nothing is decided yet; complaints shown."""
    without_draft(page)
    page.locator("details:not([open]) > summary", has_text="Edit").first.click()
    follow(page, page.get_by_role("button", name="Add a rule"))
    return page.goto(f"{RULES}?check=1")


def without_draft(page):
    page.goto(RULES)
    if page.get_by_role("button", name="Discard the draft").count():
        page.get_by_role("button", name="Discard the draft").click()
        follow(page, page.get_by_role("button", name="Discard", exact=True))


def preview(page):
    """A draft tried on history by a worker."""
    without_draft(page)
    page.get_by_label("Points of rule 6").fill("5")
    page.get_by_role("button", name="Preview on history").click()
    page.get_by_role("heading", name="How well the scores rank").wait_for(timeout=60_000)


def job(page):
    preview(page)
    number = page.url.rstrip("/").rpartition("/")[2]
    return page.goto(f"/jobs/{number}")


def leads_ticked(page):
    """With what can be done with them unfolded, where it is folded."""
    page.set_viewport_size({"width": 360, "height": 800})
    answer = page.goto("/admin/leads")
    page.get_by_role("checkbox", name="Choose").first.check()
    page.get_by_role("button", name="Assign or move").click()
    return answer


def everything_open(place):
    """A page with all its <details> open."""

    def open_it(page):
        answer = page.goto(place) if isinstance(place, str) else place(page)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        return answer

    return open_it


def a_lead(page):
    """Opens the first lead of the list."""
    page.goto("/admin/leads?sort=newest")
    return page.goto(
        page.locator("main .list-group a[href*='/admin/leads/']").first.get_attribute("href")
    )


def conversions_of_a_lead(page):
    a_lead(page)
    return page.goto(page.url.partition("?")[0] + "/conversions")


def task_error(page):
    a_lead(page)
    page.locator("#task-due_time").fill("14:30")
    return follow(page, page.get_by_role("button", name="Plan it"))


def lead_error(page):
    page.goto("/admin/leads/new")
    page.get_by_label("E-mail").fill("nobody at all")
    return follow(page, page.get_by_role("button", name="Add the lead"))


def a_move(page):
    """The form that moves the first lead of the board, for those without scripts."""
    page.goto("/admin/leads/board")
    return page.goto(page.locator("[data-move]").first.get_attribute("href"))


def move_error(page):
    a_move(page)
    page.get_by_label("Move to").select_option("customer")
    return follow(page, page.get_by_role("button", name="Move"))


def views_of_leads(page):
    """Two views, one of them shared."""
    for name, query in (("Warm", "temperature=warm&stay=21"), ("Ours", "open=1&sort=newest")):
        page.goto(f"/admin/leads?{query}")
        page.get_by_text("Save this view").click()
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("Share with everybody").set_checked(name == "Ours")
        follow(page, page.get_by_role("button", name="Save", exact=True))
    return everything_open("/admin/leads/views")(page)


def view_error(page):
    page.goto("/admin/leads?temperature=hot&risk=70")
    page.get_by_text("Save this view").click()
    page.get_by_label("Name", exact=True).fill(" ")
    return follow(page, page.get_by_role("button", name="Save", exact=True))


def spend_looked_at(page):
    """A file of spend that would be added."""
    page.goto(f"{ATTRIBUTION}/spend")
    told = "channel;from;to;amount\nads;2026-03-01;2026-03-31;100\nads;2026-03-31;;50,20\n"
    file = {"name": "spend.csv", "mimeType": "text/csv", "buffer": told.encode()}
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="See what would be added").click()
    page.get_by_role("heading", name="Added").wait_for()


def spend_error(page):
    page.goto(f"{ATTRIBUTION}/spend")
    page.get_by_label("Amount").fill("a lot")
    page.get_by_role("button", name="Enter", exact=True).click()
    page.locator("#amount-error").wait_for()


def type_of_our_own(page):
    """An engagement type that was just added, about to be changed."""
    page.goto("/settings/engagement-types")
    if not page.get_by_role("link", name="Change Open day").count():
        page.get_by_label("Label").fill("Open day")
        follow(page, page.get_by_role("button", name="Add", exact=True))
    return page.goto(page.get_by_role("link", name="Change Open day").get_attribute("href"))


def scoring_preview(page):
    """Another weight tried on today's leads by a worker."""
    page.goto("/settings/lead-scoring")
    page.get_by_label("Behavioral").fill("10")
    page.get_by_label("Intent", exact=True).fill("30")
    page.get_by_role("button", name="Preview on today").click()
    page.get_by_role("heading", name="The most changed").wait_for(timeout=60_000)


def scoring_error(page):
    page.goto("/settings/lead-scoring")
    page.get_by_label("Intent", exact=True).fill("5")
    page.get_by_role("button", name="Preview on today").click()
    page.get_by_text("They sum to 90%").first.wait_for()


def journeys_error(page):
    page.goto("/settings/journeys")
    page.locator("#recency").fill("90")
    page.get_by_role("button", name="Save").last.click()
    page.get_by_text("that is 150%").first.wait_for()


PUBLIC = {
    "site.home": "/",
    "site.treatments": "/treatments",
    "site.treatment": opening("/treatments", "/treatments/"),
    "site.search": "/search?q=skin",
    "site.privacy": "/privacy",
    "recommendation.form": "/enhanced-ai/",
    "recommendation.result": recommended,
    "recommendation of nothing": nothing_recommended,
    "cost.form": "/enhanced-cost/",
    "cost.result": estimate,
    "face.form": "/enhanced-face/",
    "face.result": measured,
    "cost.quote": quoted,
    "a quote that is changed": quote_changed,
    "appointments.form": "/appointments/?treatment=lip-filler",
    "appointments.times": TIMES,
    "appointments.details": time_chosen,
    "appointments.result": booked,
    "appointments.manage": booking_held,
    "appointments.new_time": booking_moved,
    "appointments.cancelling": booking_dropped,
    "an appointment about to be moved": booking_moved_to,
    "an appointment cancelled": booking_cancelled,
    "contact.show": contact_alone,
    "auth.login": "/login",
    "api.docs": "/docs",
    # further states of the same pages
    "search without result": "/search?q=zzzz",
}
SIGNED_IN = {
    "admin.dashboard": "/admin/comprehensive/dashboard",
    "admin.interactions": LOG,
    "admin.visitor": opening(f"{LOG}?type=cost_calculator", "/visitors/"),
    "admin.appointments": "/admin/appointments?span=month",
    "admin.appointment": appointment,
    "admin.appointment_new_time": appointment_moved,
    "admin.bookings_begun": "/admin/appointments/begun",
    "admin.appointment_settings": "/admin/appointments/settings",
    "admin.new_appointment": "/admin/appointments/new?treatment=lip-filler&clinic=paris&q=a",
    "admin.quotes": "/admin/quotes",
    "admin.quote_settings": "/admin/quotes/settings",
    "catalogue.treatments": CATALOGUE,
    "catalogue.new_treatment": f"{CATALOGUE}treatments/new",
    "catalogue.treatment": f"{CATALOGUE}treatments/lip-filler",
    "catalogue.clinics": f"{CATALOGUE}clinics",
    "catalogue.new_clinic": f"{CATALOGUE}clinics/new",
    "catalogue.clinic": f"{CATALOGUE}clinics/lyon",
    "catalogue.practitioners": f"{CATALOGUE}practitioners",
    "catalogue.new_practitioner": f"{CATALOGUE}practitioners/new",
    "catalogue.practitioner": everything_open(f"{CATALOGUE}practitioners/hugo-marchetti"),
    "catalogue.closures": f"{CATALOGUE}closures?past=1",
    "catalogue.trial": f"{CATALOGUE}try?q=my+forehead+is+full+of+lines",
    "catalogue.files": f"{CATALOGUE}files",
    "treatments without result": f"{CATALOGUE}?q=zzzz",
    "catalogue tried in vain": f"{CATALOGUE}try?q=my+car+is+broken",
    "an import looked at": import_looked_at,
    "admin.attribution": f"{ATTRIBUTION}?days=365",
    "admin.attribution_conversions": opening(f"{ATTRIBUTION}?days=365", "/conversions?"),
    "admin.spend": f"{ATTRIBUTION}/spend",
    "admin.journeys": "/admin/journeys?days=365",
    "journeys by source and month": "/admin/journeys?days=365&cohorts=source&activity=monthly",
    "journeys of days without leads": "/admin/journeys?from=2020-01-01&to=2020-01-02",
    "admin.spend_entry": opening(f"{ATTRIBUTION}/spend", "/attribution/spend/"),
    "attribution by source": f"{ATTRIBUTION}?days=365&by=source&type=customer",
    "attribution of days without conversions": f"{ATTRIBUTION}?from=2020-01-01&to=2020-01-02",
    "spend without result": f"{ATTRIBUTION}/spend?channel=sms",
    "spend from a file": spend_looked_at,
    "admin.rules": RULES,
    "admin.rules_preview": preview,
    "admin.rules_versions": f"{RULES}/versions?a=0&b=7",
    "jobs.show": job,
    "admin.contact_form": everything_open("/admin/contact-form"),
    "admin.contact_form_in_force": "/admin/contact-form/preview",
    "admin.outgoing": "/admin/outgoing",
    "admin.outgoing_mail": opening("/admin/outgoing", "/outgoing/"),
    "leads.index": "/admin/leads",
    "leads.board": "/admin/leads/board",
    "leads.moving": a_move,
    "leads.new": "/admin/leads/new",
    "leads.conversions": conversions_of_a_lead,
    "leads.views": views_of_leads,
    "todo.index": everything_open("/admin/todo?whose=all"),
    "leads by a filter, all unfolded": everything_open("/admin/leads?open=1&min=1"),
    "leads.show": everything_open(a_lead),
    "settings.account": "/settings/account",
    "settings.audit": everything_open("/settings/audit"),
    "settings.organization": "/settings/organization",
    "settings.engagement_types": "/settings/engagement-types",
    "settings.engagement_type": type_of_our_own,
    "settings.journeys": "/settings/journeys",
    "settings.lead_scoring": everything_open("/settings/lead-scoring"),
    "settings.lead_scoring_preview": scoring_preview,
    "settings.sites": "/settings/sites",
    "settings.new_site": "/settings/sites/new",
    "settings.site": opening("/settings/sites", "/settings/sites/"),
    "settings.edit_site": opening("/settings/sites", "/edit"),
    "settings.users": everything_open("/settings/users"),
    "interactions without result": f"{LOG}?from=2020-01-01&to=2020-01-02",
    "quotes without result": "/admin/quotes?q=zzzz",
    "leads without result": "/admin/leads?q=zzzz",
    "leads by days of one's own": everything_open("/admin/leads?from=2026-01-01"),
    "leads ticked": leads_ticked,
    "rules with a rule in hand": rule_in_hand,
    "rules of visits": opening(RULES, "/lead-scoring/sessions/"),
    "versions of the rules of visits": f"{RULES}/sessions/1/versions",
}
MISTAKEN = {
    "a task for a lead": task_error,
    "a lead added by hand": lead_error,
    "contact form": contact_error,
    "a photo": photo_refused,
    "a recording": recording_refused,
    "dashboard": "/admin/comprehensive/dashboard?from=2030-01-01&to=x",
    "journeys": "/admin/journeys?from=2030-01-01&to=x",
    "attribution": f"{ATTRIBUTION}?from=2030-01-01&to=x",
    "spend": spend_error,
    "the lead score": scoring_error,
    "how journeys are judged": journeys_error,
    "an appointment for nothing": "/appointments/times?clinic=atlantis",
    "an appointment for nobody": nobody_named,
    "interactions": f"{LOG}?visitor=nobody&score=x",
    "quotes": "/admin/quotes?from=x",
    "leads by days that are none": "/admin/leads?from=2026-03-09&to=2026-03-02",
    "the board by days that are none": "/admin/leads/board?came=days",
    "a clinic's hours": clinic_error,
    "a view of leads": view_error,
    "a move on the board": move_error,
    "an import": import_refused,
}
EMPTY = (
    "catalogue.treatments",
    "catalogue.clinics",
    "catalogue.practitioners",
    "catalogue.new_practitioner",
    "catalogue.closures",
    "catalogue.trial",
    "catalogue.files",
    "admin.appointments",
    "admin.bookings_begun",
    "admin.new_appointment",
    "admin.quotes",
    "admin.quote_settings",
    "admin.dashboard",
    "admin.attribution",
    "admin.spend",
    "admin.journeys",
    "settings.engagement_types",
    "settings.journeys",
    "settings.lead_scoring",
    "admin.interactions",
    "admin.rules",
    "admin.contact_form",
    "admin.outgoing",
    "leads.index",
    "leads.board",
    "todo.index",
    "settings.audit",
    "settings.sites",
    "settings.users",
)

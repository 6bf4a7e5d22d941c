#!/usr/bin/env python3
"""Usage: browser.py PAGE [FOLDER]
Opens a page of rec-view that has attention in headless Chromium: it draws a user, lights up the history under the
pointer and at the keyboard, keeps what is clicked, finds users, fits a phone, and asks the network for nothing.
FOLDER gets screenshots, light and dark, wide and narrow. Exit status 77 where Chromium or selenium is missing."""
import pathlib
import shutil
import sys

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    print("browser.py: no selenium: skipped")
    sys.exit(77)
if not (shutil.which("chromium") and shutil.which("chromedriver")):
    print("browser.py: no chromium or chromedriver: skipped")
    sys.exit(77)


def check(holds, text):
    if not holds:
        sys.exit(f"browser.py: {text}")


def main():
    page = pathlib.Path(sys.argv[1]).resolve().as_uri()
    folder = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        look(driver, page, folder)
    finally:
        driver.quit()


def look(driver, page, folder):
    find = lambda css: driver.find_elements(By.CSS_SELECTOR, css)
    lit = lambda: [node for node in find("#history .share") if node.text]
    for scheme in ("light", "dark"):
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                               {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        for name, width in (("wide", 1200), ("phone", 390)):
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                   {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": name == "phone"})
            driver.get(page)
            picks = find("#ranking .pick")
            check(len(picks) > 1, "no two recommendations to pick")
            one = driver.execute_script(  # that has attention
                "return JSON.parse(document.getElementById('data').textContent).users[0].attention.findIndex((a) => a)")
            check(not lit(), "the history is lit before anything is pointed at")
            ActionChains(driver).move_to_element(picks[one]).perform()
            check(lit(), "pointing at a recommendation lights nothing")
            groups = find("section[aria-labelledby=groups-title] tbody tr")
            check(len(groups) > 1 and all(group.is_displayed() for group in groups), "no exposure by group")
            check(find("#groups-title")[0].text.startswith("Exposure by"), "the exposure has no heading")
            check(find("#history li")[0].get_attribute("style") is not None, "no shade")
            width_used = driver.execute_script("return document.documentElement.scrollWidth")
            check(width_used <= width, f"{name}: {width_used} pixels wide")
            if folder:
                folder.mkdir(parents=True, exist_ok=True)
                driver.save_screenshot(str(folder / f"{name}-{scheme}.png"))
                driver.execute_script("document.querySelector('[aria-labelledby=groups-title]').scrollIntoView()")
                driver.save_screenshot(str(folder / f"{name}-{scheme}-exposure.png"))
                driver.execute_script("scrollTo(0, 0)")
    picks[one].click()
    check(picks[one].get_attribute("aria-pressed") == "true", "a click keeps nothing")
    check("Attention for" in find("#said")[0].text, "nothing is said")
    picks[one].click()
    check(picks[one].get_attribute("aria-pressed") == "false", "a second click does not let go")
    near = picks[one - 1] if one > 0 else picks[one + 1]
    near.send_keys(Keys.TAB if one > 0 else Keys.SHIFT + Keys.TAB)
    check(driver.switch_to.active_element == picks[one] and lit(), "the keyboard does not reach the next one")
    users = len(find("#user option"))
    before = find("#who")[0].text
    if users > 1:
        find("#after")[0].click()
        check(find("#who")[0].text != before, "Next shows the same user")
    find("#search")[0].send_keys("no such user at all")
    check(not find("#user option") and find("#found")[0].text.startswith("0 of"), "the search finds what is not there")
    check(driver.execute_script("return performance.getEntriesByType('resource').length") == 0, "something was fetched")
    check(driver.execute_script("return window.hostile === undefined"), "an id ran as a script")
    errors = [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"
              and "ERR_FILE_NOT_FOUND" not in entry["message"]]  # a picture that is not there
    check(not errors, f"the browser says {errors}")
    print("browser.py: ok")


main()

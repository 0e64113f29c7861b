"""A stand-in for the Flask application that the to-do service replaces: the yardstick of its speed.

Same libraries (Flask, SQLAlchemy, Flask-WTF, prometheus_client, PyMySQL), same page, same form, same table, same metrics. It is
kinder to Flask than the original: lists end after 20 items, the log is a file and not Google's client, the database is on
this machine, no secrets are fetched at start, and an item is completed by POST and not by GET.
"""

import logging
import os

from flask import Flask, Response, jsonify, redirect, render_template, url_for
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.csrf import CSRFError
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table, create_engine, insert, select, update
from sqlalchemy.orm import Session
from wtforms import StringField, SubmitField
from wtforms.validators import DataRequired

PAGE_SIZE = 20
REFUSED = "Bad Request: CSRF token missing or invalid"

app = Flask(__name__)
app.config["SECRET_KEY"] = os.environ["FLASK_SECRET_KEY"]
CSRFProtect(app)

log = logging.getLogger("todo_app")
log.setLevel(logging.INFO)
log.addHandler(logging.FileHandler(os.environ["FLASK_LOG"]))

items_added = Counter("todo_app_requests_total", "Items that were to be added")
add_latency = Histogram("todo_add_request_latency_seconds", "Time to add an item")
csrf_failures = Counter("csrf_failures_total", "Forms refused for their token")

engine = create_engine(os.environ["DATABASE_URL"], pool_size=5, max_overflow=2, pool_timeout=30, pool_recycle=1800)
metadata = MetaData()
todos = Table(
    "todos",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("text", String(200)),
    Column("complete", Boolean),
)


class ItemForm(FlaskForm):
    name = StringField("To-Do Item", validators=[DataRequired()])
    submit = SubmitField("Add Item")


def items(session, complete):
    wanted = select(todos).where(todos.c.complete.is_(complete)).order_by(todos.c.id).limit(PAGE_SIZE)
    return session.execute(wanted).fetchall()


@app.after_request
def add_security_headers(response):
    response.headers["Content-Security-Policy"] = "default-src 'self'; style-src 'self'; font-src 'self'"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    response.headers["Strict-Transport-Security"] = "max-age=31556926; includeSubDomains"
    return response


@app.errorhandler(CSRFError)
def refuse(error):
    csrf_failures.inc()
    log.warning("CSRF failure: %s", error.description)
    return REFUSED, 400


@app.route("/")
def index():
    form = ItemForm()
    with Session(engine) as session:
        incomplete = items(session, False)
        complete = items(session, True)
    return render_template("index.html", form=form, incomplete=incomplete, complete=complete)


@app.route("/add", methods=["POST"])
def add():
    with add_latency.time():
        items_added.inc()
        form = ItemForm()
        if not form.validate_on_submit():
            return REFUSED, 400
        with Session(engine) as session:
            session.execute(insert(todos).values(text=form.name.data, complete=False))
            session.commit()
        log.info("Task added: %s", form.name.data)
        return redirect(url_for("index"))


@app.route("/complete/<int:id>", methods=["POST"])
def complete(id):
    with Session(engine) as session:
        session.execute(update(todos).where(todos.c.id == id).values(complete=True))
        session.commit()
    log.info("Task completed: %s", id)
    return redirect(url_for("index"))


@app.route("/metrics")
def metrics():
    return Response(generate_latest(), 200, {"Content-Type": CONTENT_TYPE_LATEST})


@app.route("/health")
def health():
    return jsonify(status="ok"), 200


log.info("App started successfully")

"""What happened in the sample company's runs: who began them when, what they answered, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ops_platform.sample.texts import Text


@dataclass(frozen=True)
class Person:
    """A member, by the first part of the address."""

    local_part: str


@dataclass(frozen=True)
class In:
    """A day, so many after the one on which it is answered."""

    days: int


@dataclass(frozen=True)
class Clock:
    """The time of day at which it is answered."""


@dataclass(frozen=True)
class Picture:
    """A photo. colours: of its sky and of what stands in it."""

    name: str
    colours: tuple[str, str]


@dataclass(frozen=True)
class Noted:
    """An answer that needs a word: outside its limits, or failed. action, owner, days: who corrects it by when."""

    value: Any
    note: Text
    action: Text | None = None
    owner: str = ""
    days: int = 0


@dataclass(frozen=True)
class SentBack:
    """An approver's no. step: which waits; back_to: which opens again."""

    step: str
    back_to: str
    comment: Text


@dataclass(frozen=True)
class Help:
    """A call for help at a step; resolution: how it was settled, None while it is open."""

    step: str
    reason: Text
    resolution: Text | None = None


@dataclass(frozen=True)
class Story:
    """One run. code: of its SOP; days, at: how many days ago, and when; hours: instead, how many hours ago.

    answers: beside the usual ones of the SOP. stops_at: the step that nobody has touched yet; begins: whether it was
    begun. waits: the step whose approval is not given. pause: minutes between steps; pace: how the time that steps take
    compares with the time that the text expects.
    """

    code: str
    starter: str
    title: Text
    days: int = 0
    at: str = "09:10"
    hours: float = 0
    answers: Mapping[str, Any] = field(default_factory=dict)
    stops_at: str = ""
    begins: bool = False
    waits: str = ""
    pause: int = 20
    pace: float = 1.0
    sent_back: SentBack | None = None
    help: Help | None = None
    cancelled: Text | None = None


SHELF = Picture("photo.jpg", ("#c9d6df", "#6b705c"))
PARCEL = Picture("parcel.jpg", ("#ddd5c7", "#a1724e"))

# What is answered where a run has nothing else to tell, by SOP and by the key of the field in its template
USUAL: dict[str, dict[str, Any]] = {
    "CS-01": {
        "channel": "phone",
        "happened_on": In(-2),
        "wish": Text("A whole one, before the weekend.", "希望周末前换一件完好的。"),
        "severity": "usual",
        "about": ["goods"],
        "told_at": Clock(),
        "first_measures": Text("Sale of the batch stopped, customer called.", "该批次暂停销售，已致电客户。"),
        "handler": Person("jia.mengyao"),
        "next_news_on": In(2),
        "answered": True,
        "facts_found": Text("The parcel left whole; the corner was hit on the way.", "出库完好，运输途中边角受撞。"),
        "justified": "justified",
        "cause_kind": "method",
        "cause_text": Text("Edge protection was left out at the packing table.", "打包台未加护角。"),
        "remedy": "replace",
        "cost": "268.00",
        "offer_text": Text("A new one by express, and the old one stays.", "补发新品（快递），旧件不用退回。"),
        "done_on": In(0),
        "done_reference": "SF-20871",
        "settled": "yes",
        "satisfaction": 4,
        "measures": [
            {"what": Text("Edge guards on the packing list", "装箱单加列护角"), "who": "余晨曦", "until": In(14)}
        ],
        "record_complete": True,
        "lesson_for": ["team"],
    },
    "WH-01": {
        "lines": "3",
        "promised_on": In(2),
        "pieces": "7",
        "order_value": "1840.00",
        "ship_to": "home",
        "paid": "paid",
        "in_stock": "yes",
        "picked": "7",
        "all_scanned": True,
        "checker": Person("qiu.feng"),
        "counted": "7",
        "count_right": "yes",
        "content_kind": ["fragile"],
        "parcels": "2",
        "weight": "11.4",
        "packed_photo": PARCEL,
        "note_inside": True,
        "tracking": "SF3307164",
        "left_at": Clock(),
        "driver": Text("Driver, plate ending 7K2", "司机（车牌尾号7K2）"),
        "told": True,
        "arrival": "on_time",
    },
    "WH-02": {
        "bought_on": In(-9),
        "return_pieces": "1",
        "return_reason": "broken",
        "basis": "law",
        "freight_by": "us",
        "return_number": "R-5521",
        "received_on": In(0),
        "received_pieces": "1",
        "parcel_photo": PARCEL,
        "pieces_agree": "yes",
        "piece": Text("Table lamp, oak", "橡木台灯"),
        "condition": "broken",
        "piece_photo": Picture("lamp.jpg", ("#efe6d5", "#8a5a44")),
        "complete": "yes",
        "has_memory": "no",
        "fate": "supplier",
        "value_left": "20",
        "settlement": "money",
        "refund_amount": "329.00",
        "deduction": "0",
        "history_seen": True,
        "refund_reference": "PAY-90417",
        "paid_on": In(0),
        "customer_told": True,
        "reason_for": ["purchase", "packing"],
    },
    "ST-01": {
        "outside_state": "fine",
        "outside_photo": Picture("front.jpg", ("#a9c4d8", "#7d5a50")),
        "unlocked_at": Clock(),
        "alarm_state": "armed",
        "lights_on": True,
        "room_temperature": "21.5",
        "keeps_cold": "no",
        "exits_free": True,
        "extinguishers": True,
        "floor_dry": "yes",
        "float_amount": "1500.00",
        "float_right": "yes",
        "float_signature": "江亦晨",
        "tills_ready": "3",
        "payment": "all",
        "shelves_look": 4,
        "entrance_photo": SHELF,
        "prices_checked": [
            {"item": name, "label": price, "till": price}
            for name, price in (
                (Text("Cast-iron pot", "铸铁锅"), "329"),
                (Text("Table lamp", "台灯"), "259"),
                (Text("Linen sheet", "亚麻床单"), "419"),
                (Text("Tea set", "茶具"), "188"),
                (Text("Wall clock", "挂钟"), "149"),
            )
        ],
        "prices_right": "yes",
        "people_planned": "5",
        "people_here": "5",
        "people_enough": "yes",
        "opened_at": Clock(),
        "on_time": "yes",
        "opener_signature": "江亦晨",
    },
    "IT-01": {
        "noticed_at": Clock(),
        "noticed_by": "monitor",
        "what_fails": Text("Checkout of the web shop", "网店结算"),
        "grade_level": "two",
        "affected": ["customers", "money"],
        "affected_count": "140",
        "commander": Person("hao.tianyi"),
        "call_link": "https://meet.example/incident",
        "containment": "rollback",
        "containment_note": Text("Back to the release of Monday.", "回退到周一的版本。"),
        "logs_kept": True,
        "news_to": ["customers", "staff"],
        "news_text": Text("Orders cannot be paid at present; we work on it.", "目前无法付款，正在处理。"),
        "repair_text": Text("Timeout of the payment service raised, with a test.", "调高支付服务超时并补充测试。"),
        "tester": Person("cheng.xiaoyu"),
        "test_result": "works",
        "restored_at": Clock(),
        "down_minutes": "74",
        "all_told": True,
        "timeline_rows": [
            {"at": "10:02", "what": Text("First failed payment", "首笔付款失败")},
            {"at": "10:09", "what": Text("Alarm", "告警")},
            {"at": "11:16", "what": Text("Payments work again", "付款恢复")},
        ],
        "review_on": In(3),
        "root_causes": Text("The limit was never tried under load.", "该限值从未做过压力测试。"),
        "review_measures": [
            {"what": Text("Load test before releases", "发布前压测"), "who": "郝天翊", "until": In(30)}
        ],
        "response_quality": 4,
    },
    "HR-01": {
        "job": Text("Service agent", "客服专员"),
        "first_day": In(4),
        "contact": Person("lai.xiaotong"),
        "works_where": "office",
        "gets_computer": "yes",
        "mail_sent": True,
        "computer_ready": True,
        "mail_ready": True,
        "asset_number": "NB-0417",
        "badge": True,
    },
}

LATE_ORDER = Text("Large order for a hotel", "酒店大单")
STORIES = (
    Story(
        "CS-01",
        "jia.mengyao",
        Text("Lamp arrived broken", "台灯到货破损"),
        days=41,
        answers={
            "complainant": Text("Order 26-10984", "订单26-10984"),
            "story": Text("The shade was in pieces when the box was opened.", "开箱时灯罩已碎。"),
        },
        sent_back=SentBack(
            "offer",
            "cause",
            Text(
                "Which packing table, and since when? Without that we pay again next week.",
                "是哪个打包台、从何时开始？不查清下周还要再赔。",
            ),
        ),
    ),
    Story(
        "CS-01",
        "jia.mengyao",
        Text("Pot lost its coating", "锅具涂层脱落"),
        days=24,
        answers={
            "complainant": Text("Order 26-11377", "订单26-11377"),
            "story": Text("After two weeks the coating comes off.", "用了两周涂层就脱落。"),
            "severity": "serious",
            "about": ["goods", "safety"],
            "cause_kind": "goods",
            "cause_text": Text("Batch 0917 of the supplier; twelve pieces sold.", "供应商0917批次，共售出12件。"),
            "settled": Noted("no", Text("Customer wants the money back, not a new pot.", "客户要求退款，不接受换货。")),
            "satisfaction": 2,
        },
        pause=45,
    ),
    Story(
        "CS-01",
        "jia.mengyao",
        Text("Curtain in the wrong colour", "窗帘颜色发错"),
        days=8,
        answers={
            "complainant": Text("Order 26-12025", "订单26-12025"),
            "channel": "mail",
            "story": Text("Grey was ordered, beige came.", "订的灰色，收到米色。"),
            "cost": "459.00",
        },
        waits="offer",
    ),
    Story(
        "CS-01",
        "staff",
        Text("Delivery came a week late", "配送晚到一周"),
        days=7,
        answers={
            "handler": Person("staff"),
            "complainant": Text("Order 26-12101", "订单26-12101"),
            "about": ["delivery"],
            "story": Text("Promised for the 12th, came on the 19th.", "承诺12日送达，19日才到。"),
        },
        stops_at="facts",
    ),
    Story(
        "CS-01",
        "staff",
        Text("Chair leg broke while sitting", "椅腿在使用中断裂"),
        hours=1.5,
        answers={
            "complainant": Text("Order 26-12240", "订单26-12240"),
            "story": Text("Nobody was hurt. The customer has photos.", "无人受伤，客户有照片。"),
            "severity": "serious",
            "about": ["goods", "safety"],
        },
        stops_at="escalate",
        begins=True,
        pause=3,
        pace=0.6,
        help=Help(
            "escalate",
            Text("Nobody of quality picks up. May I stop the sale myself?", "质量部无人接听，我可以先停售吗？"),
        ),
    ),
    Story(
        "WH-02",
        "qiu.feng",
        Text("Return of a table lamp", "台灯退货"),
        days=19,
        answers={"return_order": "26-10984"},
    ),
    Story(
        "WH-02",
        "qiu.feng",
        Text("Return of a tea set", "茶具退货"),
        days=3,
        answers={
            "return_order": "26-11960",
            "piece": Text("Tea set", "茶具"),
            "deduction": Noted("35", Text("Two cups are missing.", "缺两只杯子。")),
            "deduction_why": Text("Two of six cups are missing.", "六只杯子缺两只。"),
        },
        waits="big_refund",
    ),
    Story(
        "WH-01",
        "lei.shan",
        LATE_ORDER,
        days=5,
        answers={"order_number": "26-12088", "order_value": "86400.00", "pieces": "120", "picked": "118", "lines": "4"},
        stops_at="second_look",
        help=Help(
            "pick_goods",
            Text("Two lamps short on the shelf.", "货架上少两盏灯。"),
            Text("Two taken from the store in the East; they come tomorrow.", "从华东门店调拨两盏，明日到。"),
        ),
    ),
    Story(
        "WH-01",
        "lei.shan",
        Text("Order 26-12213", "订单26-12213"),
        hours=5,
        answers={"order_number": "26-12213"},
        stops_at="pack_goods",
        pause=6,
    ),
    Story(
        "WH-01",
        "lei.shan",
        Text("Order 26-12197", "订单26-12197"),
        days=2,
        answers={"order_number": "26-12197"},
        cancelled=Text("The customer has withdrawn the order.", "客户已撤单。"),
        stops_at="pick_goods",
    ),
    Story(
        "ST-01",
        "jiang.yichen",
        Text("Opening of the store, last week", "上周开店"),
        days=6,
        at="08:05",
        answers={
            "room_temperature": Noted("28.5", Text("The air conditioning was off overnight.", "空调夜间关闭。")),
            "people_here": "4",
            "people_enough": Noted(
                "no", Text("One ill; the East lends one from noon.", "一人病假，中午起由华东支援一人。")
            ),
            "unlocked_at": "08:05",
        },
        pause=1,
        pace=0.5,
    ),
    Story(
        "ST-01",
        "jiang.yichen",
        Text("Opening of the store, today", "今日开店"),
        hours=0.7,
        stops_at="count_float",
        pause=1,
        pace=0.4,
    ),
    Story("IT-01", "hao.tianyi", Text("Checkout down", "结算故障"), days=32, at="10:09", pause=4, pace=0.5),
    Story(
        "IT-01",
        "hao.tianyi",
        Text("Search finds nothing", "站内搜索无结果"),
        days=3,
        at="14:20",
        answers={
            "what_fails": Text("Search of the web shop", "网店站内搜索"),
            "affected": ["customers"],
            "containment_note": Text("The index of the day before is used.", "切换到前一天的索引。"),
            "root_causes": Text("The night's index was empty, and nothing checked that.", "夜间索引为空，且没有校验。"),
        },
        waits="review",
        pause=4,
        pace=0.5,
    ),
    Story(
        "HR-01",
        "lai.xiaotong",
        Text("First week of the new service agent", "新客服专员第一周"),
        days=4,
        answers={"newcomer": Text("The new service agent", "新客服专员")},
        stops_at="papers",
    ),
)

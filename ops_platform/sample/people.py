"""Departments, their duties, and who works in them. All people are made up."""

from __future__ import annotations

from dataclasses import dataclass

from ops_platform.sample.texts import Text

COMPANY = Text("Yunhe Home Goods (sample)", "云禾家居（示例）")


@dataclass(frozen=True)
class Unit:
    """A department: code, name, the one above it, and what it answers for."""

    code: str
    name: Text
    parent: str | None
    duties: tuple[Text, ...]


@dataclass(frozen=True)
class Person:
    """A member: name, position, department; heads lead it."""

    name: Text
    title: Text
    department: str
    is_head: bool = False

    @property
    def local_part(self) -> str:
        """The part of the e-mail address before the @."""
        return self.name.en.lower().replace(" ", ".")


UNITS = (
    Unit("GM", Text("General management", "总经办"), None, (Text("Direction and results", "经营方向与业绩"),)),
    Unit(
        "SAL",
        Text("Sales", "销售中心"),
        "GM",
        (Text("Revenue and margin", "销售额与毛利"), Text("Prices", "价格管理")),
    ),
    Unit(
        "SAL-E", Text("Sales East", "华东销售部"), "SAL", (Text("Stores and accounts in the East", "华东门店与客户"),)
    ),
    Unit(
        "SAL-S", Text("Sales South", "华南销售部"), "SAL", (Text("Stores and accounts in the South", "华南门店与客户"),)
    ),
    Unit(
        "SAL-N", Text("Sales North", "华北销售部"), "SAL", (Text("Stores and accounts in the North", "华北门店与客户"),)
    ),
    Unit(
        "SAL-W", Text("Sales West", "西部销售部"), "SAL", (Text("Stores and accounts in the West", "西部门店与客户"),)
    ),
    Unit(
        "SAL-O",
        Text("Online shop", "电商部"),
        "SAL",
        (Text("The web shop and its visitors", "网店运营与流量"), Text("Sales festivals", "大促活动")),
    ),
    Unit("OPS", Text("Operations", "运营中心"), "GM", (Text("From order to delivery", "从订单到交付"),)),
    Unit(
        "WH",
        Text("Warehouse and transport", "仓储物流部"),
        "OPS",
        (Text("Stock levels", "库存水平"), Text("Deliveries on time", "准时交付")),
    ),
    Unit("PUR", Text("Purchasing", "采购部"), "OPS", (Text("Suppliers and their terms", "供应商与条款"),)),
    Unit(
        "QA", Text("Quality", "质量部"), "OPS", (Text("Incoming inspection", "来料检验"), Text("Returns", "退货分析"))
    ),
    Unit("SVC", Text("Customer service", "客服中心"), "GM", (Text("Satisfaction of customers", "客户满意度"),)),
    Unit("SVC-H", Text("Hotline", "热线组"), "SVC", (Text("Calls", "来电处理"),)),
    Unit("SVC-C", Text("Chat and mail", "在线客服组"), "SVC", (Text("Chats and mails", "在线咨询与邮件"),)),
    Unit("HR", Text("People", "人力资源部"), "GM", (Text("Hiring and training", "招聘与培训"),)),
    Unit("FIN", Text("Finance", "财务部"), "GM", (Text("Closing the month", "月度结账"),)),
    Unit(
        "IT", Text("Information technology", "信息技术部"), "GM", (Text("The web shop's availability", "网店可用性"),)
    ),
)

_PEOPLE = """
SAL-E|Han Zhiyuan|韩致远|Regional manager|区域经理|head
SAL-E|Xu Anran|许安然|Account manager|客户经理
SAL-E|Jiang Yichen|江亦晨|Store manager|店长
SAL-E|Qin Moli|秦茉莉|Store manager|店长
SAL-S|Liang Haoran|梁浩然|Regional manager|区域经理|head
SAL-S|Mo Siqi|莫思琪|Account manager|客户经理
SAL-S|Ou Jianing|欧嘉宁|Store manager|店长
SAL-N|Bai Yunfei|白云飞|Regional manager|区域经理|head
SAL-N|Song Keke|宋可可|Account manager|客户经理
SAL-N|Meng Xinyu|孟欣雨|Store manager|店长
SAL-W|Tian Zhuo|田卓|Regional manager|区域经理|head
SAL-W|Yang Lemin|阳乐敏|Store manager|店长
SAL-O|Cheng Xiaoyu|程晓屿|Head of online shop|电商经理|head
SAL-O|Pan Yiyi|潘依依|Content editor|内容编辑
SAL-O|Wei Junjie|韦俊杰|Campaign planner|活动策划
SAL-O|Ruan Tong|阮桐|Data analyst|数据分析师
OPS|Zhong Guohao|钟国昊|Head of operations|运营总监|head
WH|Yu Chenxi|余晨曦|Warehouse manager|仓储经理|head
WH|Fan Dawei|范大为|Shift leader|班组长
WH|Lei Shan|雷杉|Transport planner|运输计划员
WH|Qiu Feng|邱枫|Stock clerk|库存管理员
PUR|Shi Lanxin|石兰馨|Head of purchasing|采购经理|head
PUR|Dong Yiming|董一鸣|Buyer|采购员
PUR|Kong Lingyi|孔令仪|Buyer|采购员
QA|Dai Jingwen|戴静雯|Head of quality|质量经理|head
QA|Hou Bin|侯斌|Inspector|检验员
QA|Long Yue|龙玥|Inspector|检验员
SVC|Xie Manqing|谢蔓青|Head of service|客服总监|head
SVC-H|Peng Tao|彭涛|Team leader|组长|head
SVC-H|Jia Mengyao|贾梦瑶|Service agent|客服专员
SVC-C|Ding Keyi|丁可意|Team leader|组长|head
SVC-C|Wan Ruirui|万芮芮|Service agent|客服专员
SVC-C|Shao Yangguang|邵阳光|Service agent|客服专员
HR|Ren Siyuan|任思源|Head of people|人力资源经理|head
HR|Lai Xiaotong|赖晓彤|Recruiter|招聘专员
FIN|Yan Hexin|颜和欣|Head of finance|财务经理|head
FIN|Mao Jinzhi|毛锦之|Accountant|会计
IT|Hao Tianyi|郝天翊|System administrator|系统管理员
"""


def people() -> list[Person]:
    """Everybody beside the five accounts."""
    found = []
    for line in _PEOPLE.strip().splitlines():
        code, name, name_zh, title, title_zh, *rest = line.split("|")
        found.append(Person(Text(name, name_zh), Text(title, title_zh), code, is_head=bool(rest)))
    return found


# Heads among the accounts
HEADS = {"GM": "owner", "SAL": "manager", "IT": "admin"}
LEADER = Text("Department lead", "部门负责人")
LEADER_RIGHTS = {
    "organization.home.view": "organization",
    "organization.department.view": "organization",
    "organization.department.edit": "below",
    "organization.member.view": "below",
    "organization.calendar.view": "organization",
    "metrics.dashboard.view": "organization",
    "metrics.kpi.view": "below",
    "metrics.kpi.view_rows": "below",
    "metrics.target.edit": "below",
    "metrics.dataset.view": "below",
    "processes.sop.view": "organization",
    "processes.sop.edit": "below",
    "processes.sop.review": "organization",
    "processes.sop.approve": "below",
    "processes.sop.publish": "below",
    "processes.run.view": "below",
    "processes.run.start": "organization",
    "processes.run.work": "organization",
    "processes.run.reassign": "below",
    "processes.run.approve": "organization",
    "processes.run.cancel": "below",
    "processes.deviation.view": "below",
    "processes.deviation.edit": "below",
    "processes.andon.view": "below",
    "processes.andon.answer": "organization",
    "processes.plan.view": "organization",
    "processes.plan.edit": "below",
}

"""What stands in the head and the cells of a spreadsheet that describes a procedure, in English and Chinese."""

from __future__ import annotations

import re
from typing import Any

from processes.engine.content import DueUnit, FieldKind

HEADERS: dict[str, str] = {
    "number": "no no. # nr number | 序号 编号 步骤号",
    "section": "section phase part chapter stage | 章节 部分 阶段 环节 分类",
    "section_zh": "section_zh | 章节中文",
    "title": "step title task activity check item | 步骤 标题 任务 工作内容 检查项 检查内容 步骤名称",
    "title_zh": "title_zh step_zh | 步骤中文 标题中文",
    "instruction": "instruction instructions description how details | 说明 操作说明 要求 作业要求 描述",
    "instruction_zh": "instruction_zh | 说明中文",
    "label": "field question label | 字段 填写项 记录项 问题",
    "label_zh": "field_zh label_zh | 字段中文",
    "help": "help hint | 提示 填写提示",
    "help_zh": "help_zh | 提示中文",
    "kind": "kind type field_kind field_type | 类型 字段类型 填写方式",
    "unit": "unit | 单位",
    "least": "min minimum least lower_limit | 最小值 下限 最小",
    "most": "max maximum most upper_limit | 最大值 上限 最大",
    "warn_below": "warn_below | 预警下限",
    "warn_above": "warn_above | 预警上限",
    "choices": "choices options answers answer | 选项 可选项 答案",
    "required": "required mandatory | 必填 是否必填",
    "responsible": "responsible who role owner | 负责人 责任人 执行人 责任岗位 岗位",
    "minutes": "minutes duration time_minutes | 分钟 用时 时长 预计分钟",
    "due": "due deadline | 期限 截止 完成期限 时限",
    "critical": "critical | 关键 关键步骤 是否关键",
    "weight": "weight points | 权重 分值",
}
KINDS: dict[FieldKind, str] = {
    FieldKind.TEXT: "text | 文本 单行文本 文字",
    FieldKind.LONG_TEXT: "long_text paragraph | 多行文本 长文本",
    FieldKind.NUMBER: "number numeric | 数字 数值",
    FieldKind.CHOICE: "choice single_choice | 单选 选择",
    FieldKind.CHOICES: "choices multiple_choice | 多选",
    FieldKind.CHECKBOX: "checkbox check tick | 勾选 打勾 复选框",
    FieldKind.DATE: "date | 日期",
    FieldKind.TIME: "time | 时间",
    FieldKind.PHOTO: "photo picture | 照片 拍照 图片",
    FieldKind.FILE: "file attachment | 文件 附件",
    FieldKind.SIGNATURE: "signature | 签名 签字",
    FieldKind.RATING: "rating stars | 评分 星级",
    FieldKind.TABLE: "table | 表格",
    FieldKind.PERSON: "person member | 人员 成员",
    FieldKind.LINK: "link | 链接",
}
WHO: dict[str, str] = {
    "group": "department team group | 部门 班组",
    "head": "head head_of_department | 部门负责人 主管",
    "starter": "starter initiator | 发起人",
    "guest": "guest | 访客",
}
_YES = {"yes", "y", "x", "true", "1", "1.0", "✓", "√", "是", "必填", "关键", "对"}
_NO = {"no", "n", "false", "0", "0.0", "-", "否", "不", "选填", "非必填"}
_UNITS: dict[DueUnit, str] = {
    DueUnit.WORKING_MINUTES: "working minutes?|工作分钟",
    DueUnit.WORKING_HOURS: "working hours?|个?工作小时",
    DueUnit.WORKING_DAYS: "working days?|workdays?|business days?|个?工作日",
    DueUnit.MINUTES: "minutes?|min|分钟",
    DueUnit.HOURS: "hours?|h|个?小时",
    DueUnit.DAYS: "days?|d|天|日",
}
_UNIT = "|".join(f"(?P<{unit}>{words})" for unit, words in _UNITS.items())
_DUE = re.compile(
    rf"(?:(?P<zh_above>上一步(?:完成)?后)|(?:开始|启动)后)?\s*(?P<amount>\d{{1,6}})\s*(?:{_UNIT})\s*"
    r"(?:(?P<en_above>after the step above)|after (?:the )?(?:run )?start|内|后|以内)?",
    re.IGNORECASE,
)
_MINUTES = re.compile(r"(\d{1,6})(?:\.0+)?\s*(?:minutes?|min\.?|分钟|分)?", re.IGNORECASE)
_APART = re.compile(r"\s*[;；|\n、]\s*")
_LOOSELY_APART = re.compile(r"\s*[,，/]\s*")


def named(text: str) -> str:
    """A name as it is compared: small, without spaces, dashes and what stands in brackets."""
    plain = re.sub(r"[(（].*?[)）]|\*", "", text).strip().casefold()
    return re.sub(r"[\s\-]+", "_", plain)


def _by_word(words: dict[Any, str]) -> dict[str, Any]:
    return {word: name for name, both in words.items() for word in both.replace("|", " ").split()}


COLUMN_OF: dict[str, str] = _by_word(HEADERS)
KIND_OF: dict[str, FieldKind] = _by_word(KINDS)
WHO_OF: dict[str, str] = _by_word(WHO)


def flag(text: str) -> bool | None:
    """Yes or no; None for any other word."""
    word = text.strip().casefold()
    return True if word in _YES else False if word in _NO else None


def minutes(text: str) -> int | None:
    """“15”, “15 min”, “15分钟”; None for anything else."""
    match = _MINUTES.fullmatch(text.strip())
    return int(match[1]) if match else None


def due(text: str) -> tuple[int, DueUnit, bool] | None:
    """“2 working days”, “30 minutes after the step above”, “上一步后2小时”: amount, unit, whether it counts from the step
    above instead of the start of the run; None for anything else."""
    match = _DUE.fullmatch(" ".join(text.split()))
    if match is None:
        return None
    unit = next(unit for unit in _UNITS if match[unit.value])
    return int(match["amount"]), unit, bool(match["zh_above"] or match["en_above"])


def listed(text: str) -> list[str]:
    """The parts of a list in one cell; commas and slashes part it only where nothing clearer does."""
    parts = [part for part in _APART.split(text.strip()) if part]
    return [part for part in _LOOSELY_APART.split(parts[0]) if part] if len(parts) == 1 else parts

"""What the company sells, where, and through whom. All fictional."""

from __future__ import annotations

from dataclasses import dataclass

from ops_platform.sample.texts import Text

EAST, SOUTH, NORTH, WEST = range(4)
REGIONS = (Text("East", "华东"), Text("South", "华南"), Text("North", "华北"), Text("West", "西部"))
REGION_SHARES = (0.38, 0.27, 0.22, 0.13)
REGION_DEPARTMENTS = ("SAL-E", "SAL-S", "SAL-N", "SAL-W")

ONLINE, STORE, KEY_ACCOUNT = range(3)
CHANNELS = (Text("Online", "线上"), Text("Store", "门店"), Text("Key account", "大客户"))
CHANNEL_SHARES = (0.46, 0.42, 0.12)
CHANNEL_PRICES = (0.96, 1.0, 0.86)
ONLINE_DEPARTMENT = "SAL-O"

FURNITURE, LIGHTING, KITCHEN, TEXTILES, STORAGE = range(5)
CATEGORIES = (
    Text("Furniture", "家具"),
    Text("Lighting", "灯具"),
    Text("Kitchen", "厨具"),
    Text("Textiles", "家纺"),
    Text("Storage", "收纳"),
)


@dataclass(frozen=True)
class Product:
    """An article: list price and cost in cents, weight in sales."""

    code: str
    name: Text
    category: int
    price: int
    cost: int
    weight: float


def _product(code: str, en: str, zh: str, category: int, price: int, margin: float, weight: float) -> Product:
    return Product(code, Text(en, zh), category, price * 100, round(price * 100 * (1 - margin)), weight)


PRODUCTS = (
    _product("F-101", "Oak chair", "橡木餐椅", FURNITURE, 399, 0.42, 9.0),
    _product("F-102", "Folding chair", "折叠椅", FURNITURE, 129, 0.38, 6.0),
    _product("F-110", "Dining table", "实木餐桌", FURNITURE, 1599, 0.40, 1.6),
    _product("F-111", "Side table", "边几", FURNITURE, 269, 0.41, 3.2),
    _product("F-120", "Bookcase", "书架", FURNITURE, 699, 0.39, 2.2),
    _product("F-130", "Two-seat sofa", "双人沙发", FURNITURE, 2399, 0.37, 0.9),
    _product("F-140", "Bed frame", "床架", FURNITURE, 1899, 0.38, 0.8),
    _product("F-150", "Stool", "凳子", FURNITURE, 89, 0.45, 5.0),
    _product("L-201", "Desk lamp", "台灯", LIGHTING, 159, 0.47, 8.0),
    _product("L-202", "Floor lamp", "落地灯", LIGHTING, 329, 0.46, 3.0),
    _product("L-203", "Pendant light", "吊灯", LIGHTING, 459, 0.48, 2.4),
    _product("L-204", "Night light", "小夜灯", LIGHTING, 49, 0.52, 7.0),
    _product("L-205", "LED bulb, four", "LED 灯泡四只装", LIGHTING, 39, 0.44, 9.0),
    _product("L-206", "Light strip", "灯带", LIGHTING, 79, 0.50, 4.0),
    _product("K-301", "Cast-iron pot", "铸铁锅", KITCHEN, 299, 0.43, 5.0),
    _product("K-302", "Frying pan", "平底煎锅", KITCHEN, 149, 0.44, 6.5),
    _product("K-303", "Knife set", "刀具套装", KITCHEN, 259, 0.46, 3.0),
    _product("K-304", "Chopping board", "砧板", KITCHEN, 59, 0.48, 7.0),
    _product("K-305", "Rice bowl, six", "米饭碗六只装", KITCHEN, 69, 0.51, 8.0),
    _product("K-306", "Plate, four", "餐盘四只装", KITCHEN, 99, 0.50, 6.0),
    _product("K-307", "Tea set", "茶具", KITCHEN, 189, 0.49, 3.6),
    _product("K-308", "Electric kettle", "电热水壶", KITCHEN, 119, 0.36, 5.0),
    _product("K-309", "Vacuum flask", "保温杯", KITCHEN, 89, 0.45, 9.0),
    _product("T-401", "Cotton bedding set", "纯棉四件套", TEXTILES, 359, 0.44, 5.0),
    _product("T-402", "Winter quilt", "冬被", TEXTILES, 429, 0.43, 2.6),
    _product("T-403", "Summer quilt", "夏被", TEXTILES, 189, 0.44, 3.0),
    _product("T-404", "Pillow", "枕头", TEXTILES, 79, 0.47, 8.0),
    _product("T-405", "Bath towel", "浴巾", TEXTILES, 49, 0.49, 10.0),
    _product("T-406", "Curtain", "窗帘", TEXTILES, 239, 0.45, 2.4),
    _product("T-407", "Rug", "地毯", TEXTILES, 299, 0.46, 2.0),
    _product("T-408", "Cushion", "抱枕", TEXTILES, 59, 0.50, 6.0),
    _product("S-501", "Storage box", "收纳箱", STORAGE, 45, 0.41, 11.0),
    _product("S-502", "Shoe rack", "鞋架", STORAGE, 119, 0.42, 4.5),
    _product("S-503", "Clothes rail", "挂衣架", STORAGE, 139, 0.42, 3.4),
    _product("S-504", "Hanger, ten", "衣架十只装", STORAGE, 35, 0.45, 9.0),
    _product("S-505", "Drawer divider", "抽屉隔板", STORAGE, 29, 0.47, 7.0),
    _product("S-506", "Laundry basket", "脏衣篮", STORAGE, 69, 0.43, 5.0),
    _product("S-507", "Spice rack", "调料架", STORAGE, 79, 0.44, 4.0),
    _product("S-508", "Wall hook, six", "墙钩六只装", STORAGE, 25, 0.50, 8.0),
    _product("S-509", "Vacuum bag, five", "真空袋五只装", STORAGE, 39, 0.48, 5.0),
)
BESTSELLER = next(i for i, product in enumerate(PRODUCTS) if product.code == "F-101")
MISPRICED = next(i for i, product in enumerate(PRODUCTS) if product.code == "K-301")

DEFECT = 0
RETURN_REASONS = (
    Text("Defect", "质量问题"),
    Text("Wrong article", "发错货"),
    Text("Damaged on the way", "运输破损"),
    Text("Changed mind", "不想要了"),
)
CARRIERS = (Text("Blue Crane Express", "蓝鹤快运"), Text("Longroad Freight", "长路货运"), Text("City Runner", "同城达"))
WAREHOUSES = (Text("Hangzhou", "杭州仓"), Text("Foshan", "佛山仓"), Text("Tianjin", "天津仓"))
SUPPLIERS = (
    Text("Brightwell Lighting", "明源照明"),
    Text("Cedar Works", "雪松木业"),
    Text("Ironhearth", "铁炉厨具"),
    Text("Softloom", "柔织家纺"),
)
SOURCES = (Text("Search", "搜索"), Text("Direct", "直接访问"), Text("Social", "社交媒体"))
SOURCE_SHARES = (0.45, 0.3, 0.25)
DEVICES = (Text("Phone", "手机"), Text("Computer", "电脑"))
DEVICE_SHARES = (0.72, 0.28)

QUALITY, DELIVERY = 0, 1
TOPICS = (
    Text("Quality", "商品质量"),
    Text("Delivery", "物流配送"),
    Text("Invoice", "发票"),
    Text("Use of product", "使用咨询"),
    Text("Order change", "订单修改"),
)
TOPIC_SHARES = (0.16, 0.28, 0.14, 0.24, 0.18)
PRIORITIES = (Text("Urgent", "紧急"), Text("Normal", "普通"), Text("Low", "低"))
PRIORITY_SHARES = (0.15, 0.65, 0.2)

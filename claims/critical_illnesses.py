"""The twenty-eight listed illnesses of the 2020 definitions, in their order. The grade (severe, mild) is for the rules.

Promise: the ids are what the rule packs' element ``illness`` carries; an illness a pack can't judge goes to a person.
Source: notes/domain.md §3 (2020 定义使用规范).
"""

from __future__ import annotations

from claims.errors import Bilingual

CRITICAL_ILLNESSES: dict[str, Bilingual] = {
    "malignant_tumour": Bilingual("恶性肿瘤", "malignant tumour"),
    "myocardial_infarction": Bilingual("急性心肌梗死", "acute myocardial infarction"),
    "stroke_sequelae": Bilingual("脑中风后遗症", "stroke sequelae"),
    "organ_transplant": Bilingual("重大器官移植或造血干细胞移植", "major organ or stem-cell transplant"),
    "coronary_bypass": Bilingual("冠状动脉搭桥术", "coronary artery bypass"),
    "chronic_kidney_failure": Bilingual("慢性肾衰竭", "chronic kidney failure"),
    "limb_loss": Bilingual("多个肢体缺失", "loss of several limbs"),
    "severe_hepatitis": Bilingual("急性或亚急性重症肝炎", "acute or subacute severe hepatitis"),
    "intracranial_tumour": Bilingual("非恶性颅内肿瘤", "non-malignant intracranial tumour"),
    "chronic_liver_failure": Bilingual("慢性肝衰竭", "chronic liver failure"),
    "encephalitis_sequelae": Bilingual("脑炎或脑膜炎后遗症", "encephalitis or meningitis sequelae"),
    "deep_coma": Bilingual("深度昏迷", "deep coma"),
    "deafness": Bilingual("双耳失聪", "deafness"),
    "blindness": Bilingual("双目失明", "blindness"),
    "paralysis": Bilingual("瘫痪", "paralysis"),
    "heart_valve_surgery": Bilingual("心脏瓣膜手术", "heart-valve surgery"),
    "alzheimer": Bilingual("阿尔茨海默病", "Alzheimer's disease"),
    "brain_injury": Bilingual("脑损伤", "brain injury"),
    "parkinson": Bilingual("原发性帕金森病", "primary Parkinson's disease"),
    "third_degree_burns": Bilingual("Ⅲ度烧伤", "third-degree burns"),
    "pulmonary_hypertension": Bilingual("特发性肺动脉高压", "idiopathic pulmonary hypertension"),
    "motor_neurone_disease": Bilingual("运动神经元病", "motor neurone disease"),
    "speech_loss": Bilingual("语言能力丧失", "loss of speech"),
    "aplastic_anaemia": Bilingual("重型再生障碍性贫血", "severe aplastic anaemia"),
    "aorta_surgery": Bilingual("主动脉手术", "aorta surgery"),
    "chronic_respiratory_failure": Bilingual("慢性呼吸衰竭", "chronic respiratory failure"),
    "crohn_disease": Bilingual("克罗恩病", "Crohn's disease"),
    "ulcerative_colitis": Bilingual("溃疡性结肠炎", "ulcerative colitis"),
}
